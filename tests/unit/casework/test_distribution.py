"""Who gets which case: evenly, by skill and room, and the same in whatever order the rows come."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from casework.distribution import Open, Worker, distribute


def case(number, agent=None, *, skill="", priority=2):
    return Open(case_id=number, rank=(priority, number, number), skill=skill, agent_id=agent)


def worker(agent_id, *skills, capacity=100):
    return Worker(agent_id=agent_id, skills=frozenset(skills), capacity=capacity)


def test_new_cases_go_round_beginning_with_the_lowest_id():
    assert distribute([case(n) for n in range(1, 6)], [worker(7), worker(3)]) == {1: 3, 2: 7, 3: 3, 4: 7, 5: 3}


def test_the_least_loaded_is_served_first():
    assert distribute([case(1, 3), case(2, 3), case(3), case(4)], [worker(3), worker(7)]) == {3: 7, 4: 7}


def test_a_case_stays_with_its_agent_also_beyond_their_capacity():
    assert distribute([case(1, 3), case(2, 3)], [worker(3, capacity=1), worker(7)]) == {}


def test_who_is_gone_or_lacks_the_skill_gives_cases_away():
    assert distribute([case(1, 9), case(2, 3, skill="late")], [worker(3), worker(7, "late")]) == {1: 3, 2: 7}


def test_what_nobody_has_room_for_waits_and_the_urgent_do_not():
    cases = [case(1), case(2), case(3, priority=1)]
    assert distribute(cases, [worker(3, capacity=1)]) == {3: 3}
    assert distribute([case(1, 9)], []) == {1: None}
    assert distribute([case(1, skill="late")], [worker(3)]) == {}


skills = st.sampled_from(["", "late", "legal"])
workers_of = st.lists(
    st.tuples(st.sets(st.sampled_from(["late", "legal"])), st.integers(0, 12)), min_size=1, max_size=5
).map(lambda rows: [worker(n, *able, capacity=room) for n, (able, room) in enumerate(rows, 1)])
cases_of = st.lists(st.tuples(skills, st.none() | st.integers(1, 7), st.integers(1, 3)), max_size=30).map(
    lambda rows: [case(n, agent, skill=skill, priority=p) for n, (skill, agent, p) in enumerate(rows, 1)]
)


@given(cases_of, workers_of, st.randoms())
def test_the_order_of_rows_does_not_matter(cases, workers, random):
    expected = distribute(cases, workers)
    random.shuffle(cases)
    random.shuffle(workers)
    assert distribute(cases, workers) == expected


@given(cases_of, workers_of)
def test_nobody_is_given_what_they_cannot_do_or_have_no_room_for(cases, workers):
    changed = distribute(cases, workers)
    by_id = {one.agent_id: one for one in workers}
    after = {one.case_id: changed.get(one.case_id, one.agent_id) for one in cases}
    loads = Counter(agent for agent in after.values() if agent)
    for one in cases:
        agent = changed.get(one.case_id)
        if agent is not None:
            assert by_id[agent].can(one.skill)
            assert loads[agent] <= by_id[agent].capacity
    assert distribute([case(c.case_id, after[c.case_id], skill=c.skill) for c in cases], workers) == {}


@given(st.integers(0, 200), st.integers(1, 9))
def test_of_agents_alike_none_gets_two_more_than_another(count, agents):
    changed = distribute([case(n) for n in range(count)], [worker(n, capacity=1000) for n in range(agents)])
    loads = Counter(changed.values())
    shares = [loads[n] for n in range(agents)]
    assert (len(changed), max(shares) - min(shares) <= 1) == (count, True)
