"""What is tried out without a screen: the self-test, the commands, a training, the web page."""

from __future__ import annotations

import json
import re
import shutil
import signal
import time
import urllib.request
from pathlib import Path

from contents import CHECKOUT, VERSION
from findings import Findings
from person import SAMPLE, Person


def self_test(program: Path, findings: Findings, person: Person, full: bool) -> None:
    ran = person.run(program, "self-test")
    sound = ran.returncode == 0 and ran.stdout.rstrip().endswith("All is well.")
    trained = "photos judged" in ran.stdout
    findings.say(
        sound and trained == full, "self-test", ran.stdout.splitlines()[-1] if ran.stdout else ran.stderr[-500:]
    )
    for line in ran.stdout.splitlines()[:-1]:
        print(f"          {line}")


def one_line_commands(program: Path, findings: Findings, person: Person, full: bool) -> None:
    ran = person.run(program, "--version")
    findings.say(ran.stdout.strip() == f"Whisker {VERSION}", "the version", ran.stdout.strip())
    cat = person.give(SAMPLE, "Mäuschen & 猫 #1.jpg")
    ran = person.run(program, "predict", cat, "--json")
    answer = json.loads(ran.stdout) if ran.stdout else {}
    findings.say(answer.get("predicted_class") == "cat", "predict, a name with blanks and 猫", str(answer)[:100])
    ran = person.run(program, "diagnose")
    findings.say(ran.returncode == 0 and re.search(r"packaged\s+yes", ran.stdout) is not None, "diagnose")
    if full:
        child_of_its_own(program, findings, person)
    else:
        ran = person.run(program, "train", CHECKOUT / "data" / "sample-set")
        says = ran.returncode == 1 and ran.stderr.startswith("Training needs the full edition")
        findings.say(says, "train", ran.stderr.strip()[:120])


def child_of_its_own(program: Path, findings: Findings, person: Person) -> None:
    """Train from pictures in a folder of theirs, export, and end it in the middle once."""
    photos = person.home / "Fotos für Übung"
    shutil.copytree(CHECKOUT / "data" / "sample-set", photos, dirs_exist_ok=True)
    person.given.update(photos.rglob("*"))
    ran = person.run(program, "train", photos, "--name", "probe", "--backbone", "lite0", "--json")
    last = json.loads(ran.stdout.splitlines()[-1]) if ran.stdout else {}
    findings.say(
        last.get("event") == "finished",
        "train in a child process",
        f"{last.get('seconds', 0):.1f} s {ran.stderr[-200:]}",
    )
    ran = person.run(program, "models", "export", "probe", person.home / "out", "--format", "tflite")
    findings.say(ran.returncode == 0, "export to TensorFlow Lite", ran.stderr.strip()[-200:])
    with person.running(program, "train", photos, "--name", "broken-off", "--recipe", "cnn") as process:
        time.sleep(4)
        began = time.perf_counter()
        process.send_signal(signal.SIGINT)
        process.wait(20)
        took = time.perf_counter() - began
    findings.say(took < 2 and process.returncode == 130, "Ctrl-C in a training", f"{took:.2f} s")


def web_page(program: Path, findings: Findings, person: Person) -> None:
    with person.running(program, "serve", "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
        wanted, missing = ["/", "/api/docs", "/api/health", "/api/openapi.json", "/metrics"], []
        for path in wanted:
            try:
                with ask(f"{address}{path}", timeout=30) as answer:
                    body = answer.read().decode("utf-8", "replace")
            except OSError as error:
                missing.append(f"{path}: {error}")
                continue
            if path in ("/", "/api/docs"):
                for link in re.findall(r'(?:href|src)="(/[^"#]*)"', body):
                    if link not in wanted:
                        wanted.append(link)
        with ask(urllib.request.Request(f"{address}/api/predict", SAMPLE.read_bytes()), timeout=30) as answer:
            said = json.load(answer)
    sound = not missing and said["predicted_class"] == "cat"
    findings.say(sound, f"serve: {len(wanted)} addresses of its pages, and an answer", "; ".join(missing))
