"""Danger is seen in every wording, and sayings are not taken for it."""

from __future__ import annotations

import pytest

from nlu.reading import read
from nlu.understanding import Urgency
from nlu.urgent import urgency
from tests.nlu import questions as q

SELF_HARM = [
    "I want to kill myself", "i wanna die", "want 2 die, i want to die", "I'm going to kill myself tonight",
    "kill my self", "im suicidal",
    "feeling sucidal", "thinking about suicide", "I don't want to live anymore", "i dont want to be here anymore",
    "no reason to live",
    "better off dead", "everyone would be better off without me", "I want to end my life", "i want to end it all",
    "I've been cutting myself",
    "I wish I was dead", "i wish i was never born and could die, i wish i wasnt alive", "my son wants to kill himself",
    "my daughter is suicidal", "my friend said she wants to die", "she tried to kill herself",
    "my husband took out a gun to shoot himself",
    "I tried to kill myself last year", "i can't go on anymore", "life isn't worth living",
    "I’m having suicidal thoughts",
    "quiero morirme", "me quiero morir", "quiero matarme", "me quiero matar", "ya no quiero vivir", "no quiero vivir",
    "pienso en suicidarme",
    "mi hija se quiere matar", "mi hijo se quiere suicidar", "quitarme la vida", "estarían mejor sin mí",
    "me corto los brazos",
    "quiero hacerme daño", "no vale la pena vivir", "mejor muerta", "suisidio", "ya no puedo más", "ojalá no despierte",
    "quiero acabar con mi vida", "no tengo ganas de vivir",
]  # fmt: skip
VIOLENCE = [
    "he is hitting me", "my husband beats me", "my boyfriend hit me", "he's going to kill me", "he has a gun",
    "she has a knife",
    "I'm being abused", "my ex is threatening me", "I am afraid to go home", "I don't feel safe at home",
    "not safe at home", "i was raped",
    "my dad is hurting my mom", "I want to kill him", "domestic violence", "someone is following me",
    "he won't let me leave",
    "he choked me", "scared of my husband",
    "mi esposo me pega", "me golpea", "me está pegando", "me quiere matar", "tiene una pistola", "violencia doméstica",
    "tengo miedo de mi esposo", "tengo miedo de ir a casa", "mi novio me amenaza", "me violaron", "abusan de mi hija",
    "no me deja salir",
    "le pega a mi mamá", "no me siento segura en mi casa",
]  # fmt: skip
OVERDOSE = [
    "I took too many pills", "took the whole bottle", "overdose", "my son overdosed", "I think she is overdosing",
    "he oded",
    "my kid swallowed bleach", "i swallowed a bunch of pills", "took all my pills", "took too much insulin",
    "she drank bleach",
    "my baby got into my pills", "need narcan", "sobredosis", "me tomé muchas pastillas", "tomé demasiadas pastillas",
    "mi hijo tomó cloro", "se tomó todas las pastillas", "se tomo todo el frasco", "I took all my pills to kill myself",
]  # fmt: skip
MEDICAL = [
    "chest pain", "my chest hurts", "I have chest pains right now", "pain in my chest", "I can't breathe",
    "cant breath", "i can not breathe",
    "trouble breathing", "I think I'm having a heart attack", "heart attack", "having a stroke",
    "my dad isn't breathing", "he won't wake up",
    "she passed out", "I'm bleeding a lot", "bleeding and it won't stop", "heavy bleeding", "call 911", "911",
    "I need an ambulance",
    "my son is having a seizure", "my baby is choking", "throat is closing", "her lips are blue", "face is drooping",
    "its an emergency",
    "coughing up blood", "my chest pain last year is back now", "i'm dying help",
    "dolor de pecho", "me duele el pecho", "no puedo respirar", "no puede respirar", "me falta el aire",
    "ataque al corazón", "un infarto",
    "sangro mucho", "no para de sangrar", "mi hijo no despierta", "está inconsciente", "llamen al 911",
    "necesito una ambulancia",
    "es una emergencia", "se está ahogando", "dolor en el pecho", "vomitando sangre", "está convulsionando",
]  # fmt: skip
LABOR = [
    "I'm in labor", "my water broke", "my water just broke", "having contractions", "contractions every 5 minutes",
    "the baby is coming",
    "she is going into labor", "pregnant and bleeding", "I'm pregnant and I'm bleeding", "baby isn't moving",
    "I can't feel my baby move",
    "estoy de parto", "se me rompió la fuente", "tengo contracciones", "ya viene el bebé", "dolores de parto",
    "embarazada y sangrando",
    "voy a dar a luz", "el bebé no se mueve", "no siento a mi bebé",
]  # fmt: skip
NO_DANGER = [
    "dying to get my gift card", "quit smoking", "I quit smoking", "my chest pain last year", "me muero de hambre",
    "me muero de ganas",
    "killing time", "just killing time lol", "heart disease", "I had a baby", "Heart", "Corazón",
    "High blood pressure", "Dr. Payne", "Dr Payne",
    "my back is killing me", "this wait is killing me", "no chest pain", "I don't have any chest pain",
    "no tengo dolor de pecho",
    "sin dolor de pecho", "not in labor", "labor day hours", "are you open on Labor Day?", "my water heater broke",
    "had chest pain 2 years ago",
    "hace dos años tuve dolor de pecho", "I overdosed on candy years ago", "suicide prevention class",
    "what is the suicide hotline number",
    "enfermedad del corazón", "fecha de parto", "me mata la espalda", "matar el tiempo", "dejar de fumar",
    "shoot me a text", "I give up smoking",
    "how do I kill time while waiting", "cut my hair", "my tooth is killing me", "I fell last week", "I hurt my back",
    "I feel down", "feeling sad",
    "I am pregnant", "baby born early", "my baby is due in may", "Loss", "C-section", "ER once", "went to the er",
    "Seizures", "Convulsiones",
    "quiero una doctora", "mi hijo tiene asma", "no puedo parar de preocuparme", "I can't stop worrying",
    "stop smoking", "when does it end",
    "hard labor", "diabetes", "insulin", "pastillas para la presión", "I take 8 pills", "tomo muchas vitaminas",
    "never had a stroke",
    "breathing fine", "I have asthma", "my mom died last year", "hello", "no", "yes", "text", "46204", "3/4/1985",
    "the doctor hit the spot",
    "beat the heat", "Nervous, anxious or on edge", "Feeling down, depressed, or hopeless", "nearly every day",
    "I live alone", "quiero vivir cerca",
    "What is the nurse line?", "I need help", "emergency contact", "is the emergency room covered?",
    "does it cover ambulance rides",
    "cuánto cuesta la ambulancia", "the pain in my knee", "my kids are killing it at school",
    "Kill Devil Hills Clinic", "Dr. Blood",
]  # fmt: skip


def _table() -> list[tuple[str, Urgency]]:
    kinds: list[tuple[Urgency, list[str]]] = [
        ("self_harm", [text for text in SELF_HARM if "gun" not in text]),
        ("violence", VIOLENCE),
        ("overdose", OVERDOSE),
        ("medical", MEDICAL),
        ("labor", LABOR),
    ]
    return [(text, kind) for kind, texts in kinds for text in texts]


@pytest.mark.parametrize(("text", "kind"), _table())
def test_danger_is_recognised_whoever_it_is_about(text: str, kind: Urgency) -> None:
    assert urgency(read(text)) == kind


@pytest.mark.parametrize("text", [text for text, _ in _table()])
def test_danger_is_recognised_in_capitals_and_inside_a_longer_text(text: str) -> None:
    assert urgency(read(text.upper() + "!!!")) is not None
    assert urgency(read(f"hi so {text} what do i do")) is not None


@pytest.mark.parametrize("text", NO_DANGER)
def test_a_saying_an_illness_or_a_plan_is_no_danger(text: str) -> None:
    assert urgency(read(text)) is None


def test_no_option_of_any_question_is_taken_for_danger() -> None:
    labels = [label for question in q.ALL_WITH_OPTIONS for option in question.options for label in option.labels]
    assert [label for label in labels if urgency(read(label)) is not None] == []


def test_a_question_about_danger_still_counts() -> None:
    assert urgency(read("what do i do if he hits me, he is hitting me?")) == "violence"
