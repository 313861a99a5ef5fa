"""crawler schedule: what a machine needs to run the crawler again and again, as systemd units or a crontab line."""

from __future__ import annotations

import getpass
import math
import re
import shlex
import sys
import zlib
from datetime import timedelta
from pathlib import Path
from string import Template

import click

from crawler.cli.output import say
from crawler.cli.wiring import config_option, database_option
from crawler.errors import OutputError

HOUR, DAY = 3600, 86400
HOURLY = timedelta(hours=1)

# systemd.exec(5) says what each line of the hardening keeps off. MemoryDenyWriteExecute stays out: ctypes needs such memory.
SERVICE = Template("""\
# /etc/systemd/system/crawler.service
[Unit]
Description=Link-provenance crawl run
Documentation=man:systemd.service(5)
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=1h
StartLimitBurst=4

[Service]
Type=oneshot
User=$user
WorkingDirectory=$folder
ExecStart=$command
# 3: another run is still at work, which is no failure. 1 and 2 want a person, anything else another try.
SuccessExitStatus=3
Restart=on-failure
RestartPreventExitStatus=1 2
RestartSec=5min
# SIGTERM lets what is in flight finish.
KillMode=mixed
TimeoutStopSec=$stop_seconds
Nice=10
IOSchedulingClass=idle
MemoryMax=2G
TasksMax=64

UMask=0027
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=$writable
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
CapabilityBoundingSet=
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
""")
TIMER = Template("""\
# /etc/systemd/system/crawler.timer
[Unit]
Description=Link-provenance crawl run, every $words

[Timer]
OnBootSec=2min
OnActiveSec=1min
OnUnitActiveSec=$seconds
# Not on the dot, when everybody asks the same servers.
RandomizedDelaySec=$delay
AccuracySec=1s

[Install]
WantedBy=timers.target
""")


@click.command()
@config_option()
@database_option()
@click.option(
    "--every", metavar="TIME", help='How often, such as "15m", "1h" or "1d"; default: as the sources\' shortest `every`.'
)
@click.option("--crontab", "form", flag_value="crontab", help="Print a crontab line.")
@click.option("--systemd", "form", flag_value="systemd", default=True, help="Print a systemd service and its timer (default).")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write the units into DIR.")
def schedule(config_file: Path | None, db: Path | None, every: str | None, form: str, output: Path | None) -> None:
    """Print what a machine needs to run this configuration again and again. Runs that find nothing due make no request.

    \b
    Example:
      crawler schedule --every 30m --output /etc/systemd/system
      systemctl daemon-reload && systemctl enable --now crawler.timer
    """  # noqa: D301
    from crawler.config import load  # noqa: PLC0415
    from crawler.core.settings import Interval  # noqa: PLC0415

    config = load(config_file)
    try:
        asked = Interval(every) if every else None
    except ValueError as error:
        raise click.UsageError(f"--every: {error}") from None
    period = asked or min((source.every or config.schedule.lists for source in config.sources), default=HOURLY)
    folder = (config_file.parent if config_file else Path()).absolute()
    database = (db.absolute() if db else folder / config.database).resolve()
    command = [_program(), "run", "--no-progress", "--log", "json"]
    command += ["--config", str(config_file.absolute())] if config_file else []
    command += ["--db", str(database)] if db else []
    if form == "crontab":
        if output:
            raise click.UsageError("--output takes units; a crontab line is for `crontab -e`")
        click.echo(_crontab(command, folder, database, period))
        return
    kept = (config.record, config.evidence.folder if config.evidence.enabled else None)
    writable = {database.parent, *(_there(folder / name) for name in kept if name)}
    units = {
        "crawler.service": SERVICE.substitute(
            user=getpass.getuser(),
            folder=_escaped(str(folder)),
            command=" ".join(map(_quoted, command)),
            stop_seconds=math.ceil(config.limits.grace_seconds) + 15,
            writable=" ".join(_quoted(str(path)) for path in sorted(writable)),
        ),
        "crawler.timer": TIMER.substitute(
            words=_words(period), seconds=int(period.total_seconds()), delay=max(1, int(period.total_seconds() / 20))
        ),
    }
    for name, unit in units.items():
        if output is None:
            click.echo(unit)
            continue
        try:
            (output / name).write_text(unit, "utf-8")
        except OSError as error:
            raise OutputError(f"{output / name}: {error.strerror}; --output names a folder that can be written to") from error
        say(f"wrote {output / name}")


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there: systemd starts no service with a path that is not."""
    return next(path for path in (folder.resolve(), *folder.resolve().parents) if path.is_dir())


def _words(period: timedelta) -> str:
    """Return a period as config.toml has it: "90m", "6h", "1d"."""
    seconds = int(period.total_seconds())
    unit, length = next((unit, length) for unit, length in (("d", DAY), ("h", HOUR), ("m", 60)) if seconds % length == 0)
    return f"{seconds // length}{unit}"


def _program() -> str:
    """Return the command that was called, as a path that cron and systemd find."""
    beside = Path(sys.executable).with_name("crawler")
    return str(beside if beside.exists() else Path(sys.argv[0]).absolute())


def _crontab(command: list[str], folder: Path, database: Path, period: timedelta) -> str:
    seconds = int(period.total_seconds())
    # Not on the dot, when everybody asks the same servers; the same minute each time, whoever prints it.
    spread = zlib.crc32(str(database).encode()) % HOUR // 60
    if seconds < HOUR:
        step = max(1, seconds // 60)
        when = f"{spread % step}-59/{step} * * * *"
    elif seconds < DAY:
        when = f"{spread} */{seconds // HOUR} * * *"
    else:
        when = f"{spread} 4 */{seconds // DAY} * *"
    line = f"cd {shlex.quote(str(folder))} && {shlex.join(command)} 2>> {shlex.quote(str(database.with_suffix('.log')))}"
    return f"{when} " + line.replace("%", r"\%")  # crontab(5): an unescaped % ends the line


def _escaped(value: str) -> str:
    return value.replace("%", "%%")  # systemd.unit(5), specifiers


def _quoted(value: str) -> str:
    """Return a word of a command line as systemd.service(5) reads it."""
    value = _escaped(value).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return value if re.fullmatch(r"[\w@%+=:,./-]+", value) else f'"{value}"'
