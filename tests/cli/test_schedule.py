"""Units for systemd and a line for cron, as those who read them read them."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest

from tests.cli.test_commands import crawler

CONFIG = '[[sources]]\nname = "a"\nurl = "https://a.example/"\nevery = "{every}"\n'


@pytest.fixture
def folder(tmp_path):
    """A folder whose name means something to systemd, to cron and to a shell."""
    folder = tmp_path / "news & 100% $HOME"
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG.format(every="30m"))
    return folder


def test_systemd_finds_nothing_wrong_with_the_units(folder, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    units = tmp_path / "units"
    units.mkdir()
    done = crawler("schedule", "--config", folder / "config.toml", "--output", units)
    assert done.returncode == 0, done.stderr
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", units / "crawler.service", units / "crawler.timer"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in checked.stderr.splitlines() if "crawler" in line]
    assert not told, checked.stderr


def test_the_service_names_what_it_runs_and_the_one_place_it_may_write_to(folder):
    unit = crawler("schedule", "--config", folder / "config.toml").stdout
    lines = dict(line.split("=", 1) for line in unit.splitlines() if "=" in line and not line.startswith("#"))
    escaped = str(folder).replace("%", "%%").replace("$", "$$")
    assert f'"{escaped}/config.toml"' in lines["ExecStart"]
    assert lines["ReadWritePaths"] == f'"{escaped}"'
    assert lines["OnUnitActiveSec"] == "1800"
    assert unit.count("every 30m") == 1
    assert lines["SuccessExitStatus"] == "3"


def test_the_service_may_write_evidence_too_where_it_is_kept(folder):
    config = CONFIG.format(every="30m") + f'[evidence]\nenabled = true\nfolder = "{folder}/../warcs"\n'
    (folder / "config.toml").write_text(config)
    (folder.parent / "warcs").mkdir()
    unit = crawler("schedule", "--config", folder / "config.toml").stdout
    assert f" {folder.parent / 'warcs'}\n" in unit[unit.index("ReadWritePaths=") :]


def test_the_service_names_no_place_that_is_not_there_yet(tmp_path):
    (tmp_path / "data").mkdir()
    config = tmp_path / "config.toml"
    config.write_text(CONFIG.format(every="30m") + '[evidence]\nenabled = true\nfolder = "kept"', "utf-8")
    command = ("schedule", "--config", config, "--db", tmp_path / "data" / "p.db")

    def writable():
        unit = crawler(*command).stdout
        return next(line for line in unit.splitlines() if line.startswith("ReadWritePaths=")).partition("=")[2].split()

    # A path that is not there would keep systemd from starting the service.
    assert writable() == [str(tmp_path), str(tmp_path / "data")]
    (tmp_path / "kept").mkdir()
    assert writable() == [str(tmp_path / "data"), str(tmp_path / "kept")]


def test_a_folder_for_the_units_that_is_not_there_is_a_word(folder):
    done = crawler("schedule", "--config", folder / "config.toml", "--output", folder / "none")
    assert done.returncode == 2
    assert "--output names a folder" in done.stderr


@pytest.mark.parametrize(
    ("every", "when"),
    [
        ("5m", "-59/5 * * * *"),
        ("30m", "-59/30 * * * *"),
        ("1h", " */1 * * *"),
        ("6h", " */6 * * *"),
        ("1d", " 4 */1 * *"),
        ("1w", " 4 */7 * *"),
    ],
)
def test_the_crontab_line_says_when_and_survives_its_paths(folder, every, when):
    line = crawler("schedule", "--crontab", "--every", every, "--config", folder / "config.toml").stdout.strip()
    times, _, command = line.partition(" cd ")
    assert times.endswith(when.strip())
    assert "%" not in command.replace(r"\%", "")
    words = shlex.split(command.replace(r"\%", "%"))
    assert words[0] == str(folder)
    assert str(folder / "config.toml") in words


def test_the_crontab_line_runs(folder, tmp_path):
    (folder / "config.toml").write_text('[[sources]]\nname = "a"\nfile = "a.txt"\n')
    (folder / "a.txt").write_text("A headline of some words\nAnd a line of text below it, without any link.\n")
    line = crawler("schedule", "--crontab", "--config", folder / "config.toml").stdout.strip()
    command = line[line.index("cd ") :].replace(r"\%", "%")
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done
    assert (folder / "provenance.db").exists()
    assert '"event": "ended"' in (folder / "provenance.log").read_text()


def test_a_time_that_can_not_be_meant_is_a_word():
    done = crawler("schedule", "--every", "often")
    assert done.returncode == 2
    assert "no length of time" in done.stderr
