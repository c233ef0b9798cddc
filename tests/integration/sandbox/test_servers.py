"""The embedded servers: what they promise while they run, across restarts, side by side, and when all is over."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from contextlib import closing, suppress
from pathlib import Path

import dj_database_url
import psutil
import psycopg
import pytest
import redis

from sandbox import keeper, root
from sandbox.servers import Sandbox, SandboxError

APP = Path(__file__).resolve().parents[3] / "app"


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Servers of this module's own, in a path with a space, while those of the session run."""
    with Sandbox(tmp_path_factory.mktemp("a path") / "with a space", discard=True) as running:
        yield running


def do(servers, statement):
    with psycopg.connect(servers.env["DATABASE_OWNER_URL"]) as connection:
        connection.execute(statement)


def ask(servers, query, *, role="DATABASE_OWNER_URL"):
    with psycopg.connect(servers.env[role]) as connection:
        return connection.execute(query).fetchone()[0]


def processes_of(pid):
    """Return the process and all that it started, directly or not."""
    return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]


def assert_all_end(processes):
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert [process.cmdline() for process in alive] == []


def test_django_reads_the_address_of_the_socket(servers):
    parsed = dj_database_url.parse(servers.env["DATABASE_URL"])
    assert (parsed["USER"], parsed["NAME"], parsed["PORT"]) == ("matins_app", "matins", 5432)
    assert Path(parsed["HOST"], ".s.PGSQL.5432").is_socket()


def test_two_sandboxes_run_side_by_side(sandbox, servers):
    do(servers, "CREATE TABLE only_here ()")
    assert ask(sandbox, "SELECT to_regclass('only_here')") is None
    assert servers.env["REDIS_URL"] != sandbox.env["REDIS_URL"]


def test_the_usual_ports_may_be_taken_and_variables_may_mislead(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPORT", "6543")
    monkeypatch.setenv("PGHOST", "elsewhere")
    with closing(socket.socket()) as postgres_port, closing(socket.socket()) as redis_port:
        for taken, port in ((postgres_port, 5432), (redis_port, 6379)):
            with suppress(OSError):  # Then somebody else has it, which will do.
                taken.bind(("127.0.0.1", port))
                taken.listen()
        with Sandbox(tmp_path / "sandbox", discard=True) as running:
            assert ask(running, "SELECT 1") == 1


def test_commits_are_durable_and_the_clock_is_utc(servers):
    settings = "current_setting('fsync') || ' ' || current_setting('synchronous_commit') || ' ' || current_setting"
    assert ask(servers, f"SELECT {settings}('timezone')") == "on on UTC"


def test_a_crash_keeps_what_was_committed_and_nothing_else(servers):
    url = servers.env["DATABASE_OWNER_URL"]
    open_transaction = psycopg.connect(url)
    with closing(open_transaction):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE effect (name text)")
            connection.execute("INSERT INTO effect VALUES ('committed')")
        open_transaction.execute("INSERT INTO effect VALUES ('open')")
        servers.restart_postgres("immediate")
        assert ask(servers, "SELECT string_agg(name, ',') FROM effect") == "committed"


def test_the_owner_makes_schemas_and_the_app_may_only_connect(servers):
    do(servers, "CREATE SCHEMA tenant")
    assert ask(servers, "SELECT 1", role="DATABASE_URL") == 1
    with psycopg.connect(servers.env["DATABASE_URL"]) as app:
        for statement in ("CREATE SCHEMA other", "CREATE TABLE public.other ()", "DROP SCHEMA tenant"):
            with app.transaction(force_rollback=True), pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)
    assert ask(servers, "SELECT bool_or(rolsuper OR rolcreaterole) FROM pg_roles WHERE rolname ~ '^matins_'") is False


def test_the_broker_keeps_its_address_and_evicts_nothing(servers):
    with redis.Redis.from_url(servers.env["REDIS_URL"]) as broker:
        broker.set("message", "1")
        servers.restart_broker()
        assert broker.get("message") is None
        assert broker.info("memory")["maxmemory_policy"] == "noeviction"


def test_flushing_the_broker_spares_the_results(servers):
    with (
        redis.Redis.from_url(servers.env["REDIS_URL"]) as broker,
        redis.Redis.from_url(servers.env["REDIS_RESULT_URL"]) as results,
    ):
        broker.set("message", "1")
        results.set("result", "1")
        servers.flush_broker()
        assert (broker.get("message"), results.get("result")) == (None, b"1")


def test_a_server_that_cannot_do_as_told_says_so(servers):
    with pytest.raises(SandboxError, match="gently"):
        servers.stop_postgres("gently")
    assert ask(servers, "SELECT 1") == 1


def test_the_data_is_found_again_unless_a_fresh_start_is_asked_for(tmp_path):
    with Sandbox(tmp_path) as first:
        do(first, "CREATE TABLE kept ()")
    with Sandbox(tmp_path) as second:
        assert ask(second, "SELECT to_regclass('kept')") == "kept"
    with Sandbox(tmp_path, fresh=True, discard=True) as third:
        assert ask(third, "SELECT to_regclass('kept')") is None


def test_discarding_leaves_no_file(tmp_path):
    data_dir = tmp_path / "sandbox"
    with Sandbox(data_dir, discard=True):
        home = (data_dir / "postgres").resolve()
        assert home.exists()
    assert not data_dir.exists()
    assert not home.exists()


def test_two_sandboxes_do_not_share_a_directory(servers, monkeypatch, capsys):
    monkeypatch.setattr(keeper, "LOCK_TIMEOUT_S", 0)
    keeper.main(str(servers.data_dir))
    assert "Another sandbox runs on" in capsys.readouterr().out


def test_a_second_terminal_finds_the_addresses_while_the_servers_run(tmp_path):
    with Sandbox(tmp_path, discard=True) as running:
        assert f"REDIS_URL={running.env['REDIS_URL']}\n" in (tmp_path / "env").read_text()
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_however_the_caller_ends_no_process_is_left(tmp_path, number):
    code = """
        import sys, time
        from pathlib import Path
        from sandbox.servers import Sandbox
        with Sandbox(Path(sys.argv[1]), discard=True):
            print("ready", flush=True)
            time.sleep(600)
    """
    caller = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "sandbox")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(APP)},
    )
    with caller, caller.stdout as output:
        assert output.readline() == b"ready\n"
        processes = processes_of(caller.pid)[1:]
        assert len(processes) > 3  # The keeper, Valkey, Postgres and its own.
        caller.send_signal(number)
        assert_all_end(processes)
    assert not (tmp_path / "sandbox").exists()


if sys.platform == "linux":  # It tells a child that its parent died.

    def test_the_servers_end_with_a_killed_keeper(tmp_path):
        running = Sandbox(tmp_path)
        running.start()
        processes = processes_of(running._keeper.pid)
        processes[0].kill()
        running.close()
        assert_all_end(processes[1:])
        root.discard(tmp_path / "postgres")


if os.geteuid() == 0:  # Root has files that no other account can reach.

    def test_root_runs_a_copy_of_programs_that_only_root_can_reach(tmp_path, monkeypatch):
        package = tmp_path / "closed" / root.PACKAGE
        (package / root.VERSION / "bin").mkdir(parents=True)
        (package / root.VERSION / "bin" / "postgres").touch(0o755)
        (package / "__init__.py").touch()
        package.parent.chmod(0o700)
        monkeypatch.syspath_prepend(str(package.parent))
        monkeypatch.delitem(sys.modules, root.PACKAGE, raising=False)
        home = root.reachable(tmp_path / "postgres")
        copied = root.programs(home) / "postgres"
        assert copied == home / "programs" / root.PACKAGE / root.VERSION / "bin" / "postgres"
        assert copied.stat().st_uid == home.stat().st_uid != 0
        root.discard(tmp_path / "postgres")
