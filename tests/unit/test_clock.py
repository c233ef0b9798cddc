"""The business clock: real where nothing else is said, else one simulated time for every process of a night."""

import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from common import clock
from tests.processes import APP

LEAP = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
MOMENT = timedelta(seconds=30)


@pytest.fixture
def file(tmp_path, settings_changed):
    """A clock file of this test's own, not yet there."""
    path = tmp_path / "deeper" / "clock"
    settings_changed(MATINS_CLOCK_FILE=str(path))
    return path


@pytest.fixture
def settings_changed(monkeypatch):
    """Return a function that changes settings for this test."""
    from django.conf import settings

    return lambda **changed: [monkeypatch.setattr(settings, name, value) for name, value in changed.items()]


class TestReal:
    @pytest.fixture(autouse=True)
    def no_file(self, settings_changed):
        settings_changed(MATINS_CLOCK_FILE="")

    def test_it_is_the_real_time_in_utc(self):
        before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
        assert before <= now <= after
        assert now.utcoffset() == timedelta(0)
        assert not clock.is_simulated()

    def test_nobody_can_set_it(self):
        with pytest.raises(ValueError, match="set MATINS_CLOCK_FILE to simulate it"):
            clock.set_to(LEAP)


class TestSimulated:
    def test_before_it_is_set_it_is_the_real_time(self, file):
        before, now, after = datetime.now(UTC), clock.now(), datetime.now(UTC)
        assert before <= now <= after
        assert clock.is_simulated()

    @pytest.mark.parametrize("moment", [LEAP, datetime(1999, 12, 31, tzinfo=UTC), datetime(2100, 3, 1, tzinfo=UTC)])
    def test_it_goes_on_from_where_it_was_set(self, file, moment):
        clock.set_to(moment)
        first, second = clock.now(), clock.now()
        assert moment <= first < second < moment + MOMENT
        assert first.utcoffset() == timedelta(0)

    def test_the_business_date_is_that_of_utc(self, file):
        clock.set_to(datetime(2024, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=3))))
        assert clock.today() == date(2024, 6, 30)
        clock.set_to(LEAP - MOMENT)
        assert clock.today() == date(2024, 2, 29)

    def test_it_can_be_set_back(self, file):
        clock.set_to(LEAP)
        clock.set_to(LEAP - timedelta(days=365))
        assert clock.today() == date(2023, 3, 1)

    def test_a_time_without_a_zone_is_refused(self, file):
        with pytest.raises(ValueError, match="has no time zone"):
            clock.set_to(datetime(2024, 2, 29))  # noqa: DTZ001 - that is the point.
        assert not file.exists()

    def test_a_damaged_file_is_told_and_not_guessed(self, file):
        file.parent.mkdir()
        file.write_text("yesterday")
        with pytest.raises(ValueError, match="yesterday"):
            clock.now()

    def test_another_process_shares_it(self, file):
        clock.set_to(LEAP)
        shown = clock_of_another_process(file)
        assert LEAP < shown < LEAP + MOMENT

    def test_another_process_of_another_user_may_read_it(self, file):
        clock.set_to(LEAP)
        assert file.stat().st_mode & 0o777 == 0o644

    def test_a_reader_never_sees_half_of_it_and_nothing_is_left_behind(self, file):
        moments = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(300)]
        clock.set_to(moments[0])
        seen = []

        def read():
            while len(seen) < 2000:
                seen.append(clock.now())

        reader = threading.Thread(target=read)
        reader.start()
        while reader.is_alive():
            for moment in moments:
                clock.set_to(moment)
        assert len(seen) == 2000
        assert all(moments[0] - MOMENT < moment < moments[-1] + MOMENT for moment in seen)
        assert [path.name for path in file.parent.iterdir()] == ["clock"]


def clock_of_another_process(file: Path) -> datetime:
    program = "import django; django.setup()\nfrom common import clock\nprint(clock.now().isoformat())"
    env = {**os.environ, "MATINS_CLOCK_FILE": str(file), "PYTHONPATH": f"{APP}:{APP.parent}"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)
    return datetime.fromisoformat(done.stdout.strip())
