"""The measure of all fault tests: nights that nothing disturbs leave what the tests expect of disturbed ones."""

from tests.night import assert_like_an_undisturbed_night, wait_for_night
from tests.stage import FAST, at


def test_two_undisturbed_nights_leave_what_the_other_tests_expect(registered, make_tenant, start):
    make_tenant("acme")
    make_tenant("beta")
    start("beat", env=FAST)
    start("worker", env=FAST)
    for day in (1, 2):
        for hour, minute in ((1, 0), (2, 0), (2, 30), (3, 0)):
            at(hour, minute, day=day)
            wait_for_night(windows=4 * (day - 1) + 1)
    wait_for_night(windows=8)
    assert_like_an_undisturbed_night("acme", "beta", nights=2)
