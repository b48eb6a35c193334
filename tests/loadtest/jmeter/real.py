"""The JMeter of this machine, if there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_DEBIAN = Path("/usr/share/jmeter")
_STARTS_DEBIANS = Path(__file__).with_name("debian.bsh")
_SMALL = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
_QUIET = (
    "-Jjmeterengine.nongui.port=0",  # listens to no one
    "-Jjmeter.save.saveservice.output_format=xml",
)
_WITHIN = 120.0


def jmeter_command() -> list[str]:
    """How it is started; skips the test where it isn't installed."""
    found = shutil.which("jmeter")
    if found is None or shutil.which("java") is None:
        pytest.skip("no JMeter here: apt-get install jmeter jmeter-http")
    if not Path(found).resolve().is_relative_to(_DEBIAN) and found != "/usr/bin/jmeter":
        return [found]
    if not (_DEBIAN / "lib/ext/ApacheJMeter_http.jar").is_file():
        pytest.skip("JMeter is here without its HTTP module: apt-get install jmeter-http")
    jars = ["/usr/share/java/bsh.jar", f"{_DEBIAN}/bin/ApacheJMeter.jar"]
    path = os.pathsep.join([*jars, f"{_DEBIAN}/lib/*", f"{_DEBIAN}/lib/ext/*"])
    home = f"-Djmeter.home={_DEBIAN}"
    return ["java", *_SMALL, home, "-cp", path, "bsh.Interpreter", str(_STARTS_DEBIANS)]


def run_jmeter(folder: Path, plan: Path, secret: str, **properties: str | int) -> Path:
    """Run a plan without a window, in `folder`; returns its result file, which is XML."""
    results, told = folder / "results.jtl", folder / "origin.properties"
    told.write_text(f"origin_secret={secret}\n")
    files = ["-n", "-t", str(plan), "-l", str(results), "-j", str(folder / "jmeter.log")]
    values = ["-q", str(told), *(f"-J{name}={value}" for name, value in properties.items())]
    done = subprocess.run(
        [*jmeter_command(), *files, *_QUIET, *values],
        cwd=folder,
        env=os.environ | {"JVM_ARGS": " ".join(_SMALL)},
        capture_output=True,
        text=True,
        timeout=_WITHIN,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert results.is_file(), done.stdout + done.stderr
    return results
