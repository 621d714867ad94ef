"""What `deploy/` offers works: systemd takes the unit, the cron line runs, the container has all that it copies."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.vendor import ROOT
from tests.whole.bot import environment
from tests.whole.campaigns import write

DEPLOY = ROOT / "deploy"
HOME = "/srv/socrbot/bot"
WRITTEN = re.compile(r"^ExecStart=(\S+) (.*)$", re.MULTILINE)


def unit_here(folder: Path) -> Path:
    """The unit with paths and user of this computer, as a team would change it."""
    text = (DEPLOY / "socrbot.service").read_text().replace("User=socrbot", "User=daemon")
    text = text.replace(f"{HOME}/.venv/bin/socrbot", f"{sys.executable} -m socrbot").replace(HOME, str(folder))
    path = folder / "socrbot.service"
    path.write_text(text)
    return path


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """No line of it is unknown, misspelt or contradictory."""
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit_here(tmp_path))], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_unit_leaves_little_to_a_thief(tmp_path: Path) -> None:
    """systemd's own count of what a broken-in service could still do: below 3 of 10."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit_here(tmp_path))],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = re.search(r"exposure level for socrbot\.service: ([0-9.]+)", done.stdout)
    if found is None:
        pytest.skip("this systemd cannot look at a unit that is not installed")
    assert float(found[1]) < 3


def test_the_cron_line_makes_a_pass_each_time(tmp_path: Path) -> None:
    """From cron's bare environment, again and again: it ends well, and its output is kept."""
    write(tmp_path, {"hello.yaml": "text: In the queue.\n"})
    (tmp_path / "data").mkdir()
    line = next(line for line in (DEPLOY / "socrbot.cron").read_text().splitlines() if line.startswith("*/5"))
    minute, hour, day, month, weekday, user, command = line.split(maxsplit=6)
    assert (minute, hour, day, month, weekday, user) == ("*/5", "*", "*", "*", "*", "socrbot")
    command = command.replace(HOME, str(tmp_path)).replace(".venv/bin/socrbot", f"{sys.executable} -m socrbot")
    env = {name: value for name, value in environment(tmp_path).items() if name in ("PATH", "HOME", "PYTHONPATH")}
    for _ in range(3):
        done = subprocess.run(["/bin/sh", "-c", command], env=env, timeout=60, check=False)
        assert done.returncode == 0
    assert (tmp_path / "data/tick.log").read_text().count("One pass is done.") == 3


def test_the_container_has_what_it_copies_and_runs_what_it_installs(tmp_path: Path) -> None:
    """From the copied files alone a package can be built, with its templates and migrations, and the program in it."""
    lines = (DEPLOY / "Containerfile").read_text().splitlines()
    copied = tmp_path / "image"
    for line in lines:
        if line.startswith("COPY "):
            *sources, target = line.split()[1:]
            for source in sources:
                _copy(ROOT / source, copied / target)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            str(copied),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "socrbot/report/templates/log.html" in names
    assert "socrbot/ledger/migrations/versions/0001_first.py" in names
    entry = next(name for name in names if name.endswith("entry_points.txt"))
    assert "socrbot = socrbot.__main__:main" in zipfile.ZipFile(wheel).read(entry).decode()
    assert [line for line in lines if line.startswith(("ENTRYPOINT", "CMD"))] == [
        'ENTRYPOINT ["socrbot"]',
        'CMD ["run"]',
    ]


def _copy(source: Path, target: Path) -> None:
    target = target / source.name if str(target).endswith(("/", ".")) or target.is_dir() else target
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target if target.suffix or not target.is_dir() else target / source.name)
