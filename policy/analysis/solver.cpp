// The second method of prove.hpp: z3 over quantifier-free bit-vectors, a fresh solver a question,
// bounded by its own count of steps and not by a clock, so that it says the same each time.
//
// What the search reached is shown slice by slice. z3 is asked for data of a class that lies in no
// slice; and, in each slice, for data and a place that show it to be wrong: a beginning that was
// not reached; a permit that leads from a reached place to one that was not; or a reached place
// that breaks the promise. None may exist. Here labels and compartments are free, and area and
// scale may be not known: that the search looks at the least of each is checked, not assumed.
#include <algorithm>
#include <bit>
#include <map>

#include <z3++.h>

#include "policy/analysis/prove.hpp"

namespace hangu::policy {
namespace {

constexpr unsigned kStepsMax = 200'000'000;  ///< z3's rlimit, of one question
constexpr std::size_t kFlawsTogether = 32;
constexpr unsigned kLabelBits = 4;
constexpr unsigned kAreaBits = 20;   ///< six digits
constexpr unsigned kScaleBits = 31;  ///< denominators up to 2e9

/// Where data is, symbolically.
struct Somewhere {
  z3::expr zone;
  z3::expr done;
  z3::expr approved;
};

/// The question about one class.
class Question {
 public:
  Question(const Promise& promise, const Catalogue& catalogue, z3::context& z)
      : promise_(promise),
        catalogue_(catalogue),
        z_(z),
        zone_bits_(static_cast<unsigned>(std::bit_width(catalogue.zones.size()))),
        done_bits_(std::max(1U, static_cast<unsigned>(promise.declassified_by.size()))),
        secrecy_(z.bv_const("secrecy", kLabelBits)),
        grade_(z.bv_const("grade", kLabelBits)),
        compartments_(z.bv_const("compartments", compartment_bits())),
        area_(z.bv_const("area", kAreaBits)),
        area_known_(z.bool_const("area_known")),
        scale_(z.bv_const("scale", kScaleBits)),
        scale_known_(z.bool_const("scale_known")) {}

  /// Data of the class that lies in none of these slices.
  z3::expr gap(const std::vector<const Reached*>& reached) {
    z3::expr_vector any(z_);
    for (const Reached* one : reached) any.push_back(is_of(one->slice));
    return is_data() && !z3::mk_or(any);
  }

  /// Something that shows the places reached in one slice to be wrong.
  z3::expr flaw(const RuleBook& book, const Reached& reached) {
    const Somewhere here{z_.bv_const("zone", zone_bits_), z_.bv_const("done", done_bits_),
                         z_.bool_const("approved")};
    const z3::expr within = is_reached(here, reached);
    z3::expr out = (begins(here) && !within) || (within && breaks(here));
    for (const Rule& rule : book.rules()) {
      const bool of_class =
          rule.kind == RuleKind::permit &&
          (!rule.box.dataset || rule.box.dataset->contains(reached.slice.dataset));
      if (!of_class) continue;
      const z3::expr held = within && holds(rule.box) && is_from(rule.box, here);
      for (const NameIndex to : catalogue_.zones.indices()) {
        if (rule.box.to && !rule.box.to->contains(to)) continue;
        out = out || (held && enters(to) && !is_reached(after(rule, here, to), reached));
      }
    }
    return is_data() && is_of(reached.slice) && out;
  }

 private:
  [[nodiscard]] unsigned compartment_bits() const {
    return std::max(1U, static_cast<unsigned>(catalogue_.compartments.size()));
  }
  z3::expr number(std::uint64_t value, unsigned bits) {
    return z_.bv_val(static_cast<uint64_t>(value), bits);
  }
  template <class Grade>
  z3::expr label(Grade grade) {
    return number(static_cast<unsigned>(grade), kLabelBits);
  }
  /// A bit for each name.
  z3::expr bits_of(const NameSet& names) {
    z3::expr out = number(0, compartment_bits());
    for (const NameIndex name : names)
      out = out | z3::shl(number(1, compartment_bits()), number(name, compartment_bits()));
    return out;
  }

  z3::expr scale_is_in(const ScaleRange& range) {
    return z3::ule(number(static_cast<std::uint64_t>(range.finest), kScaleBits), scale_) &&
           z3::ule(scale_, number(static_cast<std::uint64_t>(range.coarsest), kScaleBits));
  }
  z3::expr area_is_in(const Area& area) {
    return z3::ule(number(area.first, kAreaBits), area_) &&
           z3::ult(area_, number(area.end, kAreaBits));
  }

  /// Data that the promise speaks of.
  z3::expr is_data() {
    const z3::expr needed = bits_of(promise_.origin.within);
    return z3::ule(label(promise_.origin.secrecy_min), secrecy_) &&
           z3::ule(secrecy_, label(flow::Secrecy::top_secret)) &&
           z3::ule(label(promise_.origin.grade_min), grade_) &&
           z3::ule(grade_, label(flow::DataGrade::core)) && (compartments_ & needed) == needed &&
           area_is_in({}) && scale_is_in({});
  }

  z3::expr begins(const Somewhere& at) {
    z3::expr zone = z_.bool_val(false);
    for (const NameIndex one : promise_.origin.zones)
      zone = zone || at.zone == number(one, zone_bits_);
    return zone && at.done == number(0, done_bits_) &&
           at.approved == z_.bool_val(promise_.approvals_min == 0);
  }

  z3::expr breaks(const Somewhere& at) {
    z3::expr zone = z_.bool_val(false);
    for (const NameIndex one : promise_.reach) zone = zone || at.zone == number(one, zone_bits_);
    if (promise_.declassified_by.empty() && promise_.approvals_min == 0) return zone;
    const std::uint64_t all = (std::uint64_t{1} << promise_.declassified_by.size()) - 1;
    return zone && !(at.approved && at.done == number(all, done_bits_));
  }

  /// A piece of what data can be. What is not known still has a value, any one.
  z3::expr is_of(const Slice& slice) { return area_is_in(slice.area) && scale_is_in(slice.scale); }

  z3::expr is_reached(const Somewhere& at, const Reached& reached) {
    z3::expr_vector places(z_);
    for (const Place& place : reached.places)
      places.push_back(at.zone == number(place.zone, zone_bits_) &&
                       at.done == number(place.declassified, done_bits_) &&
                       at.approved == z_.bool_val(place.approved));
    return z3::mk_or(places);
  }

  z3::expr is_from(const Box& box, const Somewhere& at) {
    if (!box.from) return z_.bool_val(true);
    z3::expr out = z_.bool_val(false);
    for (const NameIndex zone : *box.from) out = out || at.zone == number(zone, zone_bits_);
    return out;
  }

  /// The columns that stay along a path, as a permit holds them.
  z3::expr holds(const Box& box) {
    z3::expr out = z_.bool_val(true);
    if (box.secrecy) out = out && z3::ule(secrecy_, label(*box.secrecy));
    if (box.grade) out = out && z3::ule(grade_, label(*box.grade));
    if (box.within)
      out = out && (compartments_ & ~bits_of(*box.within)) == number(0, compartment_bits());
    if (box.areas) {
      z3::expr inside = z_.bool_val(false);
      for (const Area& area : *box.areas) inside = inside || area_is_in(area);
      out = out && area_known_ && inside;
    }
    if (box.scale) out = out && scale_known_ && scale_is_in(*box.scale);
    return out;
  }

  z3::expr enters(NameIndex zone) {
    const Ceiling& ceiling = catalogue_.ceilings[zone];
    return z3::ule(secrecy_, label(ceiling.secrecy)) && z3::ule(grade_, label(ceiling.grade));
  }

  Somewhere after(const Rule& rule, const Somewhere& at, NameIndex to) {
    std::uint64_t ran = 0;
    unsigned place = 0;
    for (const NameIndex name : promise_.declassified_by) {
      if (rule.obligations.declassifiers.contains(name)) ran |= std::uint64_t{1} << place;
      ++place;
    }
    const bool approved = rule.obligations.approvals >= promise_.approvals_min;
    return {number(to, zone_bits_), at.done | number(ran, done_bits_),
            at.approved || z_.bool_val(approved)};
  }

  const Promise& promise_;
  const Catalogue& catalogue_;
  z3::context& z_;
  unsigned zone_bits_;
  unsigned done_bits_;  ///< one a declassifier of the promise
  z3::expr secrecy_;
  z3::expr grade_;
  z3::expr compartments_;
  z3::expr area_;
  z3::expr area_known_;
  z3::expr scale_;
  z3::expr scale_known_;
};

Answer ask(z3::context& z, const z3::expr& flaw, std::string& detail) {
  z3::solver solver(z, "QF_BV");
  z3::params params(z);
  params.set("rlimit", kStepsMax);
  solver.set(params);
  solver.add(flaw);
  switch (solver.check()) {
    case z3::unsat: return Answer::holds;
    case z3::sat: return Answer::broken;
    case z3::unknown: break;
  }
  detail = solver.reason_unknown();
  return Answer::unknown;
}

}  // namespace

Answer check_by_solver(const Promise& promise, const RuleBook& book, const Catalogue& catalogue,
                       const Reach& reach, std::string& detail) {
  std::map<NameIndex, std::vector<const Reached*>> by_class;
  for (const NameIndex dataset : catalogue.datasets.indices())
    if (!promise.origin.dataset || promise.origin.dataset->contains(dataset)) by_class[dataset];
  for (const Reached& one : reach.slices) by_class[one.slice.dataset].push_back(&one);
  Answer out = Answer::holds;
  try {
    z3::context z;
    Question question(promise, catalogue, z);
    std::vector<z3::expr> flaws;
    for (const auto& [dataset, reached] : by_class) {
      flaws.push_back(question.gap(reached));
      for (const Reached* one : reached) flaws.push_back(question.flaw(book, *one));
      // Setting a question costs more than most answers, so some are asked about together.
      if (flaws.size() < kFlawsTogether && dataset != by_class.rbegin()->first) continue;
      for (std::size_t first = 0; first < flaws.size(); first += kFlawsTogether) {
        z3::expr_vector some(z);
        for (std::size_t i = first; i < std::min(flaws.size(), first + kFlawsTogether); ++i)
          some.push_back(flaws[i]);
        const Answer one = ask(z, z3::mk_or(some), detail);
        if (one == Answer::broken) return one;
        if (one == Answer::unknown) out = one;
      }
      flaws.clear();
    }
  } catch (const z3::exception& problem) {
    detail = problem.msg();
    return Answer::unknown;
  }
  return out;
}

}  // namespace hangu::policy
