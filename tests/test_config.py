"""config.toml: every key known, every value meant."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.config import Config, load
from crawler.errors import ConfigError

ROOT = Path(__file__).parent.parent


def written(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_shipped_configuration_replays_the_sample():
    config = load(ROOT / "config.toml")
    assert config.replay
    assert config.path(config.replay).is_dir()
    assert all(config.path(source.file or "").is_file() for source in config.sources)


def test_the_shipped_configuration_says_what_the_defaults_are():
    config = load(ROOT / "config.toml")
    assert config.limits == Config().limits
    assert config.manners == Config().manners
    assert config.schedule == Config().schedule
    assert (config.depth, config.workers) == (Config().depth, Config().workers)


def test_without_a_file_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load(None) == Config()


def test_paths_start_from_the_files_own_folder(tmp_path):
    config = load(written(tmp_path, 'database = "d.db"'))
    assert config.path(config.database) == tmp_path / "d.db"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_hops = 3", "unknown key `max_hops`"),
        ("[limit]\nmax_hops = 3", "unknown key `limit`; did you mean `limits`?"),
        ("[limits]\nmax_hop = 3", "unknown key `limits.max_hop`; did you mean `max_hops`?"),
        ("[[sources]]\nname = 'a'\nfile = 'b'\nevery = 'hour'", "sources[0].every"),
        ("[[sources]]\nname = 'a'\nfeed = 'b'\nsitemap = 'c'", "needs one of `file`"),
        ("[[sources]]\nname = 'a'\nfeed = 'b'\nevery = '0h'", "no length of time"),
        ("[[sources]]\nname = 'a'\nfeed = 'b'\nlimit = -1", "less than 0"),
        ("[[sources]]\nname = 'a'\nurl = 'https://b.example/'\ncandidates = true", "has `candidates`, which only"),
        ("[schedule]\narticles = ['1d', 'then']", "schedule.articles"),
        ("folder = '/'", "unknown key `folder`"),
        ("depth = 1.5", "depth"),
        ("depth = true", "depth"),
        ("depth = -1", "`depth` is -1"),
        ("workers = 0", "`workers` is 0; it has to be more"),
        ("readers = 0", "`readers` is 0"),
        ("[limits]\nmax_attempts = 0", "`limits.max_attempts` is 0"),
        ("[limits]\nchain_seconds = 0.0", "`limits.chain_seconds` is 0;"),
        ("depth = '2'", "`depth` should be a whole number, and is a string"),
        ("[limits]\nhop_seconds = '3'", "`limits.hop_seconds` should be a number, and is a string"),
        ("[evidence]\nenabled = 'yes'", "`evidence.enabled` should be true or false, and is a string"),
        ("labels = 'READ'", "`labels` should be a list, and is a string"),
        ("[sources]\nname = 'a'\nfile = 'b'", "`sources` should be a list, and is a table; it is written [[sources]]"),
        ("[[sources]]\nname = 'a'\nurls = 3", "`sources[0].urls` should be a string or a list, and is a whole number"),
        ("[[sources]]\nname = 'a'\nfile = ''", "says nothing of where it is"),
        ("[[sources]]\nname = 'a'\nurl = 'www.b.example/feed'", "begins with neither https:// nor http://"),
        ("[[sources]]\nname = 'a'\nurls = ['b.example']", "begins with neither https:// nor http://: b.example"),
        ("[limits]\nchain_seconds = inf", "`limits.chain_seconds` is inf"),
        ("[limits]\nchain_seconds = nan", "`limits.chain_seconds` is nan"),
        ('[manners]\ncontact = "a\\nb"', "manners.contact"),
        ("[[sources]]\nname = 'a'", "one of `file`, `url`"),
        ("[[sources]]\nfile = 'a'", "name"),
        ("[limits", "config.toml"),
        ("[guard]\nallow = ['everything']", "guard.allow"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_name(tmp_path, text, said):
    with pytest.raises(ConfigError) as refused:
        load(written(tmp_path, text))
    assert said in str(refused.value)


def test_lengths_of_time_are_written_as_people_write_them(tmp_path):
    config = load(written(tmp_path, '[schedule]\nlists = "90m"\narticles = ["6h", "2 d", "1w"]'))
    assert config.schedule.lists == timedelta(hours=1.5)
    assert config.schedule.articles == (timedelta(hours=6), timedelta(days=2), timedelta(weeks=1))
    assert load(written(tmp_path, "[schedule]\narticles = []")).schedule.articles == ()
