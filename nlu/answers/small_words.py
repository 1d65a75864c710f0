"""Words around an answer that carry no answer themselves, and words that make a seeming answer doubtful."""

from __future__ import annotations

from nlu.vocabulary import vocabulary

FILLER = vocabulary(
    """
    a an the i im id ill ive me my mine we you your it its is was be am are do does did have has had got get to for
    of in on at by with from as and or so um uh er hmm well just like please pls plz thanks thank thx ty ok okay k
    alright right option options number num choice answer letter hi hello hey there here that this these those think
    guess believe would will want wanna prefer choose pick choosing go going lets let say said reply put give send
    mostly probably about around only both also too plus then s m sir maam actually use take one ones el la los las
    lo un una unos unas yo mi mis me te se le les es son era de del al en con por para y e o u a que pues bueno
    senor senora senorita miss
    favor gracias opcion numero num respuesta digo quiero quisiera prefiero escojo elijo creo seria tengo tiene
    tenemos hay soy estoy esta este esto eso ese esa hola tambien ademas solo solamente nomas ambos ambas como ponga
    mande mandeme deme uso tomo thumbsup
    """
)

NEGATION = vocabulary(
    """
    no not dont doesnt didnt isnt arent wasnt havent hasnt cant cannot wont never none nor without neither aint
    nunca jamas tampoco ni sin ningun ninguna ninguno nada thumbsdown
    """
)

# Praise, the thing asked about, and how much of it: beside an option these change nothing.
NEUTRAL = vocabulary(
    """
    enough doing dios god home house casa instead via health salud doctor doctora doctors doctores doc message
    messages mensaje mensajes best better works work good great
    fine cool perfect easier easiest easy faster quick way mejor bien facil rapido mas opciones opcion options show see
    ver regular normal dra dr honestly quedo conditions pretty quite really fairly bastante kinda either entre porfa
    porfis porfavor problems problem problemas
    issues disease
    """
)

# What is said of the programme or of the conversation, not of the question: no answer stands beside these.
ELSEWHERE = vocabulary(
    """
    back again over start restart step help programs program support managing account card reward gift money paper
    information speak safe agent person machine texts messages
    nuevo atras volver empezar empecemos empiece comenzar desde ayuda programas programa apoyo controlar cuenta tarjeta
    recompensa regalo dinero papel informacion hablar hablo persona maquina mensajes textos hacer hacerlo cosa
    """
)

# Someone else; hypothetical, contrary or taken back; not known; past or gone.
DOUBT = vocabulary(
    """
    mom mother mama dad father papa brother sister husband wife aunt uncle grandma grandmother grandpa cousin friend
    neighbor madre padre hermano hermana esposo esposa tia tio abuela abuelo prima primo amiga amigo vecina
    if unless but except pero excepto sino wrong meant mean mistake error equivoque quise change cambiar
    maybe unsure depends confused quizas quiza depende
    used ago stopped quit menos mal equivocada equivocado antes cuando when until hasta
    """
)
