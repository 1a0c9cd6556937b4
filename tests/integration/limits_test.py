#!/usr/bin/env python3
"""Limits over time on a whole gateway: transfers a day, and the contiguous area that one receiver
has. Real files, made by GDAL's own tools.

usage: limits_test.py
"""

import os
import shutil
import signal
import subprocess
import time

from gateway import ROOT, Gateway, expect, run_test

PER_DAY = 5
KM2 = 25


def policy():
    with open(os.path.join(ROOT, "policy", "examples", "demo.policy.toml"), encoding="utf-8") as file:
        rules = file.read().split("[[test]]")[0]  # its tests are of other limits
    head, tail = rules.split('id = "P-002"')
    tail = tail.replace("size_mb = 20000", f"per_day = {PER_DAY}, contiguous_km2 = {KM2}", 1)
    return head + 'id = "P-002"' + tail


def sheet(gateway, name, west, north, east, south, crs="EPSG:4490"):
    path = gateway.path(name + ".tif")
    subprocess.run(["gdal_create", "-q", "-of", "GTiff", "-outsize", "20", "20", "-bands", "1",
                    "-burn", "7", "-a_srs", crs, "-a_ullr", *map(str, (west, north, east, south)),
                    path], check=True)
    return path


def outcome(gateway, name, files, product="landsat-scene"):
    transfer = gateway.submit(gateway.pack(gateway.path(name + ".hangu"), files, product=product))
    status = gateway.wait(transfer)
    return status["state"] if status["state"] == "emitted" else status["reason"]


def told(gateway, kind, at_least):
    until = time.monotonic() + 20
    while True:
        found = [entry for entry in gateway.log_entries() if entry["type"] == kind]
        if len(found) >= at_least or time.monotonic() > until:
            return found
        time.sleep(0.3)


def an_area_grows_up_to_its_limit_and_no_further(gateway):
    # 0.05 by 0.04 degrees at 30 north: 21.4 square kilometres.
    first = sheet(gateway, "first", 116, 30.04, 116.05, 30)
    expect(outcome(gateway, "first", [first]) == "emitted", "what fits")
    beside = sheet(gateway, "beside", 116.05, 30.04, 116.08, 30)
    expect(outcome(gateway, "beside", [beside]) == "limit-contiguous-area", "a sheet that touches it")
    gateway.down()
    gateway.up()
    expect(outcome(gateway, "again", [beside]) == "limit-contiguous-area", "after a restart")
    elsewhere = sheet(gateway, "elsewhere", 118, 31.04, 118.05, 31)
    projected = sheet(gateway, "projected", 500_000, 3_324_000, 504_000, 3_320_000, "EPSG:4547")
    expect(outcome(gateway, "elsewhere", [elsewhere, projected]) == "emitted", "what lies elsewhere")
    seam = sheet(gateway, "seam", 504_050, 3_324_000, 507_000, 3_320_000, "EPSG:4547")
    expect(outcome(gateway, "seam", [seam]) == "limit-contiguous-area", "a seam of fifty metres")
    covered = [entry["event"] for entry in told(gateway, "transfer.covered", 2)]
    expect([event["number"] for event in covered] == [1, 2], str(covered))
    expect(21_300_000 < covered[0]["squareMetres"] < 21_500_000, str(covered))
    expect(covered[0]["nodes"] == ["survey"] and covered[0]["families"] == ["imagery"], str(covered))


def ground_that_cannot_be_measured_is_refused(gateway):
    table = gateway.csv("table.csv", [("110105", "x")])
    expect(outcome(gateway, "table", [table], "division-table") == "footprint-unknown", "a table")
    old = sheet(gateway, "old", 500_000, 3_300_000, 501_000, 3_299_000, "EPSG:2383")
    expect(outcome(gateway, "old", [old]) == "footprint-unknown", "an older datum")


def a_day_has_as_many_transfers_as_it_may(gateway):
    counted = told(gateway, "transfer.counted", PER_DAY)
    of_imagery = [e for e in counted if e["event"]["family"] == "imagery"]
    # What was refused for its area had taken a place before; what had no known ground had not.
    expect([e["event"]["place"] for e in of_imagery] == list(range(1, PER_DAY + 1)),
           str(of_imagery))
    far = sheet(gateway, "far", 100, 25.01, 100.01, 25)
    expect(outcome(gateway, "far", [far]) == "limit-per-day", "one more on this day")


def a_killed_ledger_comes_back_and_an_older_one_stops_the_line(gateway):
    mosaic = os.path.join(gateway.gateway, "mosaic")
    heights = sheet(gateway, "heights", 100, 25.01, 100.01, 25)
    os.kill(gateway.pids()["mosaic"], signal.SIGKILL)
    expect(outcome(gateway, "heights", [heights], "elevation-model") == "emitted", "after a kill")
    gateway.down()
    shutil.copytree(mosaic, mosaic + ".newest")
    for name in os.listdir(mosaic):
        os.unlink(os.path.join(mosaic, name))
    gateway.up()
    more = sheet(gateway, "more", 101, 25.01, 101.01, 25)
    transfer = gateway.submit(
        gateway.pack(gateway.path("more.hangu"), [more], product="elevation-model"))
    log = os.path.join(gateway.gateway, "log", "decide.log")
    until = time.monotonic() + 60
    while "mosaic-behind" not in open(log, encoding="utf-8").read():
        expect(time.monotonic() < until, "an empty ledger was gone on with")
        time.sleep(0.3)
    expect(gateway.status(transfer)["state"] == "approved", "it does not wait")
    gateway.down()
    for name in os.listdir(mosaic + ".newest"):
        its = os.path.join(mosaic, name)
        shutil.copyfile(os.path.join(mosaic + ".newest", name), its)
        shutil.chown(its, os.stat(mosaic).st_uid, os.stat(mosaic).st_gid)
    gateway.up()
    expect(gateway.wait(transfer)["state"] == "emitted", "with the newest ledger it goes on")


def main():
    with Gateway(policy=policy()) as gateway:
        an_area_grows_up_to_its_limit_and_no_further(gateway)
        ground_that_cannot_be_measured_is_refused(gateway)
        a_day_has_as_many_transfers_as_it_may(gateway)
        a_killed_ledger_comes_back_and_an_older_one_stops_the_line(gateway)
    print("limits over time hold")


if __name__ == "__main__":
    run_test(main)
