"""A real WordPress: Debian's, on MariaDB and PHP's own web server.

`python -m tests.servers.wordpress` installs it beforehand and shows the progress.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers.debian import require_packages, unpack_packages
from tests.servers.installing import install_once, show_progress
from tests.servers.mariadb import MARIADB_PACKAGES, MariaDB, mariadb
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.processes import ServerProcess, run

_EXTENSIONS = ["curl", "gd", "intl", "mbstring", "mysql", "xml", "zip"]
_INSTALLED = [*MARIADB_PACKAGES, "php-cli", *(f"php-{name}" for name in _EXTENSIONS)]
# Installed in the ordinary way, WordPress brings an Apache that opens port 80.
_UNPACKED = ["wordpress", "wordpress-l10n", "wordpress-theme-twentytwentythree"]
_UNPACKED_PARTS = ["php-getid3", "libjs-cropper", "libjs-underscore"]

_SCRIPTS = Path(__file__).with_name("php")
_ACCEPT_LARGE_FILES = ["-d", "upload_max_filesize=64M", "-d", "post_max_size=64M"]
_USERNAME = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPress:
    """A running site with its administrator's name and application password."""

    url: str
    username: str
    application_password: str
    database: MariaDB
    process: ServerProcess

    def run_cron(self) -> None:
        """Do what has become due: a scheduled post appears only then."""
        httpx.get(f"{self.url}/wp-cron.php", params="doing_wp_cron", timeout=60).raise_for_status()


@contextmanager
def wordpress(folder: Path) -> Iterator[WordPress]:
    """Run a new site in the folder, with a MariaDB of its own."""
    install_wordpress()
    with mariadb(folder) as database, site_on(database, folder / "site") as site:
        yield site


@contextmanager
def site_on(database: MariaDB, folder: Path, *, language: str = "") -> Iterator[WordPress]:
    """Run one more site, its language a WordPress locale such as `zh_CN`, in a new folder."""
    files, port = folder / "files", free_port()
    url = f"http://{LOOPBACK}:{port}"
    environment = {
        "SITE_URL": url,
        "SITE_DATABASE": f"site_{port}",
        "SITE_DATABASE_HOST": f"{LOOPBACK}:{database.port}",
        "PHP_CLI_SERVER_WORKERS": "4",
    }
    _copy_files(files)
    secret = _set_up(files, language=language, environment=environment)
    options = ["-S", f"{LOOPBACK}:{port}", "-t", str(files), *_ACCEPT_LARGE_FILES]
    process = ServerProcess(
        name="php",
        arguments=["php", *options, _SCRIPTS / "router.php"],
        folder=folder,
        environment=environment,
        ready=lambda: _answers(url),
    )
    with process:
        yield WordPress(
            url=url, username=_USERNAME, application_password=secret, database=database, process=process
        )


def install_wordpress() -> Path:
    """Return the folder of the unpacked packages; the first time takes half a minute and 90 MB, and root."""
    require_packages(_INSTALLED, server="WordPress")
    packages = [*_UNPACKED, *_UNPACKED_PARTS]
    return install_once(
        "wordpress",
        recipe=" ".join(packages),
        install=lambda folder: unpack_packages(packages, folder),
    )


def _copy_files(files: Path) -> None:
    """Make the site's own copy, which it may change, with our configuration in place of Debian's."""
    unpacked = install_wordpress() / "usr" / "share" / "wordpress"
    shutil.copytree(unpacked, files, ignore_dangling_symlinks=True)
    shutil.copy(_SCRIPTS / "wp-config.php", files)


def _set_up(files: Path, *, language: str, environment: dict[str, str]) -> str:
    """Create the site's database and administrator; return an application password."""
    secret = files.with_name("application-password")
    run(
        ["php", _SCRIPTS / "install.php", files, _USERNAME, language, secret],
        log=files.with_name("install.log"),
        folder=files,
        environment=environment,
    )
    return secret.read_text()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/wp-json/", timeout=10).is_success
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    show_progress()
    install_wordpress()
