from whence.inquiry.bisect_live import Step
from whence.inquiry.bisect_words import where


def test_one_event_is_not_several() -> None:
    assert where(Step(0.0, "watch", events=1, changes=1)) == "1 event seen, 1 change"


def test_where_it_goes_on_the_likeliest_port_is_named() -> None:
    step = Step(0.0, "watch", events=1200, changes=2, probabilities={"swp7": 0.8, "": 0.2})
    assert where(step) == ("1,200 events seen, 2 changes; most likely swp7 80 %, none of them 20 %")
