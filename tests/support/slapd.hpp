#pragma once
// Slapd: a real directory server for one test: Debian's slapd on a loopback port, with a folder,
// certificates and a database of its own, set up by the shipped config/directory/*.ldif.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "directory/connection.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "tests/support/granted_entries.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::test {

/// Until `condition` holds, for at most `seconds`.
inline bool soon(const std::function<bool()>& condition, int seconds = 20) {
  const auto until = os::monotonic_now() + std::chrono::seconds(seconds);
  while (!condition()) {
    if (os::monotonic_now() > until) return false;
    os::pause_for(std::chrono::milliseconds(10));
  }
  return true;
}

class Slapd {
 public:
  static constexpr const char* kSuffix = "dc=hangu,dc=example";
  static constexpr const char* kGateway = "/DC=example/DC=hangu/OU=gateways/CN=gw-demo";

  /// `adapt` changes the shipped configuration further.
  explicit Slapd(const std::function<void(std::string&)>& adapt = {}) {
    run("mkdir conf data && chmod 755 .");
    make_certificates();
    std::string conf = source_file("config/directory/slapd.example.ldif");
    const auto put = [&](const std::string& from, const std::string& to) {
      for (std::size_t at = conf.find(from); at != std::string::npos;
           at = conf.find(from, at + to.size()))
        conf.replace(at, from.size(), to);
    };
    put("/etc/ldap/schema/hangu.ldif",
        std::string(HANGU_SOURCE_DIR) + "/config/directory/hangu.ldif");
    put("/etc/ldap/hangu/", folder / "");
    put("/var/lib/ldap", folder / "data");
    put("/var/run/slapd/", folder / "");
    if (adapt) adapt(conf);
    os::test::write_text(folder / "conf.ldif", conf);
    run("slapadd -n 0 -F conf -l conf.ldif");
    os::test::write_text(folder / "tree.ldif", source_file("config/directory/tree.example.ldif"));
    run("slapadd -w -n 1 -F conf -l tree.ldif");
    port_ = free_port();
  }
  Slapd(const Slapd&) = delete;
  Slapd& operator=(const Slapd&) = delete;
  ~Slapd() { stop(); }

  /// Loads entries before the start, as slapadd does.
  void load(const std::string& ldif) {
    os::test::write_text(folder / "load.ldif", ldif);
    run("slapadd -q -w -n 1 -F conf -l load.ldif");
  }
  void start() {
    os::SpawnPlan plan;
    plan.program = "/usr/sbin/slapd";
    plan.arguments = {"-d",
                      "0",
                      "-F",
                      folder / "conf",
                      "-h",
                      "ldaps://127.0.0.1:" + std::to_string(port_) +
                          "/ ldap://127.0.0.1:" + std::to_string(port_ + 1) + "/ " + ldapi()};
    plan.environment = {{"PATH", "/usr/sbin:/usr/bin:/bin"}};
    plan.log_path = folder / "slapd.log";
    pid_ = must(os::spawn(plan));
    if (!soon([&] { return accepts(port_); })) FAIL(os::test::read_text(folder / "slapd.log"));
  }
  void stop(int signal = SIGTERM) {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, signal);
    (void)os::wait_for(pid_, std::chrono::seconds(10)).has_value();
    pid_ = 0;
  }
  void pause() const { ::kill(pid_, SIGSTOP); }
  void go_on() const { ::kill(pid_, SIGCONT); }

  /// Changes through the server's local socket, as its administrator.
  void modify(const std::string& ldif) {
    os::test::write_text(folder / "modify.ldif", ldif);
    run("ldapmodify -Q -Y EXTERNAL -H " + ldapi() + " -f modify.ldif");
  }
  void remove(const std::string& dn) {
    run("ldapdelete -Q -Y EXTERNAL -H " + ldapi() + " '" + dn + "'");
  }

  [[nodiscard]] directory::ServerPlan plan() const {
    return {.address = "127.0.0.1",
            .port = static_cast<std::uint16_t>(port_),
            .server_name = "ldap.test",
            .start_tls = false,
            .certificate_file = folder / "gateway.crt",
            .key_file = folder / "gateway.key",
            .authority_file = folder / "server-ca.crt",
            .crl_file = {}};
  }
  [[nodiscard]] directory::ServerPlan start_tls_plan() const {
    directory::ServerPlan out = plan();
    out.start_tls = true;
    ++out.port;
    return out;
  }
  /// Runs a line of shell in the folder; what it says is shown when it fails.
  void run(const std::string& line) const {
    const std::string all = "cd '" + folder.path() + "' && (" + line + ") >run.log 2>&1";
    INFO(line);
    if (std::system(all.c_str()) != 0) FAIL(os::test::read_text(folder / "run.log"));
  }
  /// A CRL of the server's authority that names nobody, or the server; good until `days` from now.
  void write_crl(bool names_server, const std::string& days) const {
    run("rm -f index.txt* && touch index.txt && echo 01 > crlnumber && printf '[ca]\\n"
        "default_ca=d\\n[d]\\ndatabase=index.txt\\ncrlnumber=crlnumber\\ndefault_md=sha256\\n' > "
        "ca.cnf");
    if (names_server)
      run("openssl ca -config ca.cnf -cert server-ca.crt -keyfile server-ca.key -revoke "
          "server.crt");
    run("openssl ca -config ca.cnf -cert server-ca.crt -keyfile server-ca.key -gencrl " + days +
        " -out crl.new && mv crl.new crl.pem");
  }

  os::test::ScratchFolder folder;

 private:
  [[nodiscard]] std::string ldapi() const {
    std::string path = folder / "ldapi";
    std::string out = "ldapi://";
    for (const char c : path) out += c == '/' ? std::string("%2F") : std::string(1, c);
    return out;
  }
  void make_certificates() const {
    const auto authority = [&](const std::string& name) {
      run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "
          "'/CN=" +
          name +
          "' -addext basicConstraints=critical,CA:true -addext keyUsage=keyCertSign,cRLSign "
          "-keyout " +
          name + ".key -out " + name + ".crt");
    };
    const auto leaf = [&](const std::string& name, const std::string& by,
                          const std::string& subject, const std::string& names) {
      run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '" + subject +
          "' -keyout " + name + ".key -out " + name + ".csr && printf 'subjectAltName=DNS:" +
          names + "\\n' > ext && openssl x509 -req -in " + name + ".csr -CA " + by +
          ".crt -CAkey " + by + ".key -CAcreateserial -days 30 -extfile ext -out " + name + ".crt");
    };
    authority("server-ca");
    authority("clients-ca");
    run("cp clients-ca.crt clients-ca.pem");
    leaf("server", "server-ca", "/CN=ldap.test", "ldap.test");
    leaf("gateway", "clients-ca", kGateway, "gateway.test");
    leaf("stranger", "server-ca", kGateway, "gateway.test");  // of an authority that does not count
    leaf("nobody", "clients-ca", "/CN=nobody", "nobody.test");
  }
  static bool accepts(int port) {
    const os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  }
  /// A port that is free now, and so is the one after it.
  static int free_port() {
    const auto listens = [](int port) -> std::pair<os::UniqueFd, int> {
      os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in at{};
      at.sin_family = AF_INET;
      at.sin_port = htons(static_cast<std::uint16_t>(port));
      at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t length = sizeof at;
      if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), length) != 0)
        return {os::UniqueFd(), 0};
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &length);
      return {std::move(socket), ntohs(at.sin_port)};
    };
    for (int i = 0; i < 100; ++i) {
      const auto [first, port] = listens(0);
      if (port < 65000 && listens(port + 1).second != 0) return port;
    }
    FAIL("no two free ports");
    return 0;
  }

  int port_ = 0;
  pid_t pid_ = 0;
};

/// An entry as LDIF. `kind` is hanguNode or hanguPerson; `rdn` its name below `ou=people` or nodes.
inline std::string to_ldif(const directory::RawEntry& entry, const std::string& dn,
                           bool with_uuid = true) {
  const bool node = entry.values.contains("hanguzone");
  const std::string cn = entry.values.at("hanguname").front();
  std::string out = "dn: " + dn + "\n";
  if (node) out += "objectClass: device\nobjectClass: hanguNode\ncn: " + cn + "\n";
  if (!node)
    out += "objectClass: inetOrgPerson\nobjectClass: hanguPerson\ncn: " + cn + "\nsn: " + cn +
           "\nuid: " + cn + "\n";
  if (with_uuid) out += "entryUUID: " + directory::uuid_text(entry.id) + "\n";
  for (const auto& [name, values] : entry.values)
    for (const std::string& value : values)
      out += name + ":: " + to_base64(hangu::bytes_of(value)) + "\n";
  return out + "\n";
}

}  // namespace hangu::test
