"""config.env and var/deskgate.env: one message for every bad variable, one key for any number of starts."""

import base64
import secrets
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import envfile
from config.env import BadEnvironment, Env, load
from config.keyring import new_ring_text, parse_ring

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def production(**changes: str) -> dict[str, str]:
    good = {
        "DESKGATE_MODE": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DESKGATE_KEYS": new_ring_text(),
        "PUBLIC_URL": "https://auth.example.com",
    }
    return good | changes


def faults(environ: dict[str, str], base_dir: Path) -> dict[str, str]:
    with pytest.raises(BadEnvironment) as refused:
        load(environ, base_dir)
    return refused.value.faults


def test_nothing_set_is_a_development_with_keys_of_its_own(tmp_path: Path) -> None:
    env = load({}, tmp_path)
    assert (env.mode, env.debug, env.public_url) == ("development", False, "http://127.0.0.1:8000")
    assert len(env.secret_key) >= 50
    assert parse_ring(env.keys).ids == ("k1",)
    assert load({}, tmp_path) == env


def test_the_key_file_and_its_directory_are_their_owners_only(tmp_path: Path) -> None:
    load({}, tmp_path)
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "var" / envfile.NAME).stat().st_mode) == 0o600


def test_twenty_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from config.env import load; print(load({}, Path(sys.argv[1])).keys)"
    starts = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True)
        for _ in range(20)
    ]
    assert len({start.communicate(timeout=60)[0] for start in starts}) == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == [envfile.NAME]


def test_the_real_environment_wins_over_the_file(tmp_path: Path) -> None:
    envfile.remember_mode(tmp_path / "var" / envfile.NAME, "demo")
    assert load({}, tmp_path).mode == "demo"
    assert load({"DESKGATE_MODE": "development"}, tmp_path).mode == "development"


def test_remembering_a_mode_keeps_the_keys(tmp_path: Path) -> None:
    before = load({}, tmp_path)
    envfile.remember_mode(tmp_path / "var" / envfile.NAME, "demo")
    after = load({}, tmp_path)
    assert (after.mode, after.keys, after.secret_key) == ("demo", before.keys, before.secret_key)


def test_production_takes_nothing_from_the_file(tmp_path: Path) -> None:
    load({}, tmp_path)
    assert set(faults({"DESKGATE_MODE": "production"}, tmp_path)) == {"SECRET_KEY", "DESKGATE_KEYS", "PUBLIC_URL"}


def test_the_file_cannot_make_a_production(tmp_path: Path) -> None:
    envfile.make(tmp_path / "var" / envfile.NAME, "production")
    assert set(faults({}, tmp_path)) == {"DESKGATE_MODE"}


def test_every_bad_variable_is_named_at_once_and_no_value_is_told(tmp_path: Path) -> None:
    bad = production(
        SECRET_KEY="geheim", DESKGATE_KEYS="k1:Z2VoZWlt", PUBLIC_URL="http://auth.example.com", DEBUG="1", PORT="x",
        DATABASE_URL="mysql://r:geheim@db/x", CACHE_URL="memcache://x", TRUSTED_PROXIES="10.0.0.0/8,foo", WORKERS="0",
    )  # fmt: skip
    told = faults(bad, tmp_path)
    assert set(told) == set(bad) - {"DESKGATE_MODE"}
    message = str(BadEnvironment(told))
    assert "geheim" not in message
    assert "Z2VoZWlt" not in message


@pytest.mark.parametrize(
    "url",
    ["https://a.example/", "https://a.example/x", "https://u:p@a.example", "ftp://a.example", "https://"],
)
def test_a_public_url_is_scheme_and_host_only(tmp_path: Path, url: str) -> None:
    assert set(faults(production(PUBLIC_URL=url), tmp_path)) == {"PUBLIC_URL"}


def test_production_on_loopback_may_be_plain_http(tmp_path: Path) -> None:
    assert not load(production(PUBLIC_URL="http://127.0.0.1:8000"), tmp_path).is_https


@pytest.mark.parametrize("weak", ["a" * 60, "abc" * 30, "kJ3-9xQmZ0_vTfLpW7rB"])
def test_a_weak_secret_key_is_refused_in_production(tmp_path: Path, weak: str) -> None:
    assert set(faults(production(SECRET_KEY=weak), tmp_path)) == {"SECRET_KEY"}


def test_a_secret_may_come_from_a_file_but_not_from_both(tmp_path: Path) -> None:
    environ = production()
    file = tmp_path / "key"
    file.write_text(environ["SECRET_KEY"] + "\n", encoding="utf-8")
    assert set(faults(environ | {"SECRET_KEY_FILE": str(file)}, tmp_path)) == {"SECRET_KEY_FILE"}
    key = environ.pop("SECRET_KEY")
    assert load(environ | {"SECRET_KEY_FILE": str(file)}, tmp_path).secret_key == key
    assert "SECRET_KEY_FILE" in faults(environ | {"SECRET_KEY_FILE": str(tmp_path / "none")}, tmp_path)


def test_outside_production_foreign_host_names_are_refused(tmp_path: Path) -> None:
    assert set(faults({"ALLOWED_HOSTS": "localhost,desk.example.com"}, tmp_path)) == {"ALLOWED_HOSTS"}


def test_without_public_url_it_is_the_address_of_this_start(tmp_path: Path) -> None:
    assert load({"HOST": "0.0.0.0", "PORT": "9000"}, tmp_path).public_url == "http://127.0.0.1:9000"
    assert load({"HOST": "::1"}, tmp_path).public_url == "http://[::1]:8000"


def test_secrets_stay_out_of_the_repr(tmp_path: Path) -> None:
    env: Env = load(production(DATABASE_URL="postgres://u:geheim@db/x"), tmp_path)
    assert "geheim" not in repr(env)
    assert env.secret_key not in repr(env)
    assert env.keys not in repr(env)


@pytest.mark.parametrize(
    "ring",
    [
        "",
        "k1",
        "k1:",
        "k1:????",
        "k 1:" + "A" * 43,
        "k1:" + base64.urlsafe_b64encode(bytes(32)).decode(),
        "k1:" + base64.urlsafe_b64encode(b"short").decode(),
    ],
)
def test_a_ring_that_is_not_random_32_byte_keys_is_refused(ring: str) -> None:
    with pytest.raises(ValueError, match="key"):
        parse_ring(ring)


def test_a_key_id_stands_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        parse_ring(f"{new_ring_text('a')},{new_ring_text('a')}")


def test_manage_says_one_message_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env={"DESKGATE_MODE": "production", "VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for name in ("SECRET_KEY", "DESKGATE_KEYS", "PUBLIC_URL"):
        assert f"{name}: missing" in done.stderr
