"""Questions of the screening and of the other steps, as the engine puts them to the parsers."""

from __future__ import annotations

from datetime import date

from nlu.understanding import AnswerKind, Expecting, Option

TODAY = date(2026, 11, 22)


def expecting(kind: AnswerKind, *titles: str, pattern: str = "", first_key: int = 1) -> Expecting:
    """A question whose options are titled "English / Spanish / synonym..."; the value is the first title, folded."""
    options = tuple(
        Option(
            value=title.split(" / ")[0].lower().replace(" ", "-"),
            key=str(number),
            labels=tuple(title.split(" / ")),
            exclusive=title.startswith("None"),
        )
        for number, title in enumerate(titles, first_key)
    )
    return Expecting(kind=kind, today=TODAY, options=options, pattern=pattern)


HEALTH = expecting(
    "choice", "Excellent / Excelente", "Very good / Muy buena", "Good / Buena", "Fair / Regular", "Poor / Mala"
)
YES_NO = expecting("choice", "Yes / Sí", "No")
NOT_SURE = expecting("choice", "Yes / Sí", "No", "Not sure / No sé")
HOSPITAL = expecting("choice", "No", "Yes, once / Sí, una vez", "Yes, two or more times / Sí, dos veces o más")
TOBACCO = expecting("choice", "Not at all / No", "Some days / Algunos días", "Every day / Todos los días")
MEDICINES = expecting(
    "choice",
    "None / Ninguno",
    "One to three / Uno a tres",
    "Four to seven / Cuatro a siete",
    "Eight or more / Ocho o más",
)
HOUSING = expecting(
    "choice",
    "I have a steady place to live / Tengo un lugar estable",
    "I have a place today but worry about losing it / Tengo un lugar, pero temo perderlo",
    "I do not have a steady place to live / No tengo un lugar estable",
)
HELP = expecting(
    "choice",
    "I need no help / No necesito ayuda",
    "I get all I need / Recibo toda",
    "I need a little more / Un poco más",
    "I need a lot more / Mucha más",
)
CHANNEL = expecting(
    "choice", "Mail / Correo / Correo postal / Letter", "Email / Correo electrónico", "Text / Mensaje de texto / SMS"
)
DOCTORS = expecting(
    "choice",
    "Dr. Ana Lee, Family, 2.1 mi",
    "Dr. Sam Payne, Pediatrics, 3 mi",
    "Dr. Rosa Ortiz, Family, 4 mi",
    "More / Más / Next",
)
CONDITIONS = expecting(
    "choices",
    "None / Nada",
    "Asthma / Asma",
    "COPD / EPOC",
    "Diabetes",
    "Heart / Corazón",
    "High blood pressure / Presión alta",
    "Kidney / Riñón",
    "Cancer / Cáncer",
    "Sickle cell / Células falciformes",
    "Other / Otra",
    first_key=0,
)
CHILD_CONDITIONS = expecting(
    "choices", "None / Nada", "Asthma / Asma", "Autism or delay / Autismo o retraso", "Allergy / Alergia", first_key=0
)
ALL_WITH_OPTIONS = (
    HEALTH,
    YES_NO,
    NOT_SURE,
    HOSPITAL,
    TOBACCO,
    MEDICINES,
    HOUSING,
    HELP,
    CHANNEL,
    DOCTORS,
    CONDITIONS,
    CHILD_CONDITIONS,
)
