"""A funnel of made-up numbers, to look at."""

from __future__ import annotations

from bot.records.funnel import STAGES, Entries, Funnel, Group, QuestionCount, Screening, Stage, Step

LABELS = (
    "Your health in general", "Your last checkup", "ER visits in the past 6 months",
    "Hospital nights in the past 6 months", "Your health problems, all that fit", "Your other health problem",
    "How many prescription drugs you take", "If it is hard to get or take your medicines",
    "Surgery or treatment planned", "Little interest or pleasure", "Tobacco", "A call from a nurse or care manager",
)  # fmt: skip
STOPS = (21, 4, 9, 12, 38, 6, 8, 3, 2, 64, 7, 5)


def stages(*counts: tuple[int, int]) -> tuple[Stage, ...]:
    """From (still here, stopped) of each stage; the last: (rewarded, 0)."""
    found: list[Stage] = []
    went_on = 0
    for key, (still, stopped) in zip(reversed(STAGES), reversed(counts), strict=True):
        if not found:
            went_on = still + stopped
            found.append(Stage(key, went_on, went_on, 0, 0))
            continue
        entered = went_on + still + stopped
        found.append(Stage(key, entered, went_on, still, stopped))
        went_on = entered
    return tuple(reversed(found))


ENGLISH = stages((61, 402), (38, 120), (30, 61), (44, 52), (17, 4), (486, 0))
SPANISH = stages((24, 133), (9, 41), (12, 25), (14, 12), (8, 1), (171, 0))
TEXT = stages((64, 371), (31, 122), (35, 66), (49, 51), (21, 3), (581, 0))
CALL = stages((19, 149), (14, 36), (6, 17), (8, 12), (4, 2), (68, 0))
RELAY = stages((2, 15), (2, 3), (1, 3), (1, 1), (0, 0), (8, 0))


def together(*groups: tuple[Stage, ...]) -> tuple[Stage, ...]:
    alike = zip(*groups, strict=True)
    return tuple(
        Stage(
            same[0].key,
            sum(one.entered for one in same),
            sum(one.went_on for one in same),
            sum(one.still_here for one in same),
            sum(one.stopped for one in same),
        )
        for same in alike
    )


def screening() -> Screening:
    began = at = 640
    questions = []
    for number, (label, stopped) in enumerate(zip(LABELS, STOPS, strict=True)):
        still, declined = (number * 7) % 5, (number * 11) % 17
        reached = at // 3 if label == "Your other health problem" else at
        questions.append(
            QuestionCount(f"q{number}", label, reached, reached - declined - still - stopped, declined, still, stopped)
        )
        at -= still + stopped
    return Screening("hns_adult", "Health Needs Screening, adult", began, at - 16, 9, 7, 0, tuple(questions))


def made_up() -> Funnel:
    whole = together(ENGLISH, SPANISH)
    verified = whole[1].entered
    steps = (
        Step("preference", verified, 861, 31, 24, 39, verified - 955),
        Step("pmp", verified, 742, 68, 41, 77, verified - 928),
        Step("screening", verified, 702, 12, 58, 141, verified - 913),
    )
    return Funnel(
        Entries(),
        1_800_000_000.0,
        whole,
        (Group("en", ENGLISH), Group("es", SPANISH)),
        (Group("sms", TEXT), Group("voice", CALL), Group("relay", RELAY)),
        steps,
        (screening(),),
    )
