"""Words of procurement that mean the same, and words that mean nothing in a search: data, used by every engine alike.

Each group is what a buyer and a bidder may call one thing. A group is taken in only where each of its words may stand
for each other one in a notice; a broader or narrower word is none (“vehicle” is not “van”). Words are written plain
(lower case, no accents) and in the singular. Sources are named beside the groups; what has none beside it is how the
labels of CPV 2008 (Regulation (EC) No 213/2008) and everyday language call the same thing.
"""

from collections.abc import Iterator
from functools import cache

from procurement.kernel.words import stem, terms

# Spellings of one word: British first, as EU law writes English (English Style Guide of the Commission), then American.
SPELLINGS = """
    aluminium, aluminum | analyse, analyze | catalogue, catalog | centre, center | cheque, check | colour, color |
    defence, defense | fibre, fiber | grey, gray | harbour, harbor | labour, labor | licence, license | mould, mold |
    neighbourhood, neighborhood | organisation, organization | plough, plow | programme, program | sulphur, sulfur |
    theatre, theater | tyre, tire | vapour, vapor | storey, story
"""
ENGLISH = """
    road, highway | road work, roadwork, street work, highway work | pavement, sidewalk, footway | cycle path, cycleway,
    bicycle path, bike path, bike lane, cycle lane | car park, parking lot | traffic light, traffic signal |
    street light, street lamp, street lighting, public lighting, road lighting | motorway, freeway |
    resurfacing, repaving | gritting, ice clearing, winter service | snow clearing, snow removal, snow plough |
    sewer, sewage, wastewater, waste water, sewerage | waste, refuse, rubbish, garbage, trash |
    waste collection, refuse collection, garbage collection, bin collection | drinking water, potable water |
    renovation, refurbishment, rehabilitation | demolition, wrecking | lift, elevator | roof, roofing |
    air conditioning, hvac, heating ventilation and air conditioning | plumbing, sanitary work |
    solar panel, photovoltaic, pv, solar power | heat pump, geothermal heating | electricity, electric power |
    petrol, gasoline | diesel, gas oil | firewood, fuel wood | lorry, truck, hgv, heavy goods vehicle |
    fire engine, fire truck, fire fighting vehicle | refuse truck, garbage truck, refuse vehicle |
    railway, railroad, rail | laptop, notebook, portable computer | pc, personal computer, desktop computer |
    it, ict, information technology, edp | hardware, computer equipment | software, computer program |
    software licence, software package | photocopier, copier, photocopying equipment | printing, print service |
    monitor, display screen, computer screen | data centre, server room | cctv, video surveillance, security camera |
    wifi, wi fi, wlan, wireless network | lan, local area network | gis, geographic information system |
    erp, enterprise resource planning | ups, uninterruptible power supply | internet access, internet service,
    broadband | telephone, telephony | mobile phone, cell phone, cellphone, smartphone |
    website, web site, internet site |
    medicine, drug, pharmaceutical, medicinal product | vaccine, vaccination | surgical glove, medical glove |
    ppe, personal protective equipment, protective gear | mri, magnetic resonance | ct, computed tomography |
    x ray, radiography | ultrasound, sonography | nursing home, care home, home for the elderly |
    home care, domiciliary care | kindergarten, nursery school, preschool, day nursery |
    school meal, school lunch, school catering | meal, catering | school bus, school transport, pupil transport |
    textbook, school book | furniture, furnishing | desk, office table | uniform, workwear, work clothing |
    stationery, office supply | cleaning, janitorial | window cleaning, glass cleaning | laundry, washing service |
    security guard, guarding, security service | groundskeeping, grounds maintenance, landscaping | tree care,
    arboriculture, tree surgery | pest control, vermin control | consultancy, consulting, advisory service |
    legal advice, legal service, legal advisory | audit, auditing | accounting, bookkeeping, accountancy |
    translation, translating | advertising, publicity |
    architect, architectural service | surveying, land survey | feasibility study, preliminary study |
    maintenance, upkeep, servicing | repair, mending | spare part, replacement part | rental, hire, lease |
    transport, transportation | courier, parcel delivery | postal, mail delivery
"""
# Terms of the procedure itself: UNCITRAL Model Law on Public Procurement (2011), article 2, and Directive 2014/24/EU in
# its official languages (IATE gives the same pairs).
PROCEDURE = """
    tender, bid notice, invitation to tender, invitation to bid, call for tender, itt, contract notice, solicitation |
    bid, offer | rfq, request for quotation | rfp, request for proposal | framework agreement, framework contract |
    supplier, vendor, economic operator | buyer, procuring entity, contracting authority, purchaser |
    procurement, public purchasing | low value purchase, small purchase | subcontractor, sub contractor |
    appel d offre, marche public, avis de marche | acheteur, pouvoir adjudicateur | accord cadre, framework agreement |
    ausschreibung, vergabe, auftragsbekanntmachung | auftraggeber, vergabestelle | rahmenvertrag, rahmenvereinbarung |
    concurso publico, licitacao, anuncio de concurso | entidade adjudicante, contraente publico | acordo quadro,
    framework agreement | licitacion, concurso, anuncio de licitacion | poder adjudicador, organo de contratacion |
    acuerdo marco, framework agreement | gara d appalto, bando di gara, appalto | stazione appaltante, amministrazione
    aggiudicatrice
"""
# What is bought most, in the languages whose publishers are read here: labels of CPV 2008 in these languages.
ACROSS = """
    road, estrada, carretera, strasse, route, strada | street, rua, calle, rue | bridge, ponte, puente, brucke, pont |
    paving, pavimentacao, pavimentacion, pflasterung, pavage, pavimentazione | school, escola, escuela, schule, ecole,
    scuola | hospital, krankenhaus, hopital, ospedale | cleaning, limpeza, limpieza, reinigung, nettoyage, pulizia |
    fuel, combustivel, combustible, kraftstoff, carburant | petrol, gasolina, benzin, essence, benzina | diesel,
    gasoleo | medicine, medicamento, arzneimittel, medicament, farmaco | laptop, portatil, ordinateur portable,
    computador portatil | computer, computador, ordenador, ordinateur | it equipment, computer equipment, equipamento
    informatico, material informatico, equipo informatico, computer technology, edv gerat, materiel informatique |
    server, servidor, serveur | printer, impressora, impresora, drucker, imprimante, stampante | ink cartridge, toner
    cartridge, tinteiro, cartucho de tinta, tintenpatrone | network switch, comutador de rede | electricity,
    electricidade, electricidad, strom, electricite, energia eletrica | street lighting, public lighting, iluminacao
    publica, alumbrado publico, strassenbeleuchtung, eclairage public, illuminazione pubblica | water, agua, wasser,
    eau, acqua | construction, construcao, construccion, bau, costruzione | renovation, reabilitacao, rehabilitacion,
    sanierung, ristrutturazione | maintenance, manutencao, mantenimiento, wartung, entretien, manutenzione | repair,
    reparacao, reparacion, reparatur, reparation, riparazione | rental, aluguer, alquiler, miete, noleggio | insurance,
    seguro, versicherung, assurance | furniture, mobiliario, mobel, mobilier | chair, cadeira, silla, stuhl, chaise,
    sedia | transport, transporte, beforderung, trasporto | airline ticket, air ticket, plane ticket, flight ticket,
    air transport, passagem aerea, transporte aereo, billete de avion, billet d avion, flugticket | accommodation,
    lodging, estadia, alojamento, alojamiento, unterkunft, hebergement | food, alimento, lebensmittel, alimentaire,
    genero alimentar | meat, carne, fleisch, viande | stationery, papelaria, papeleria, burobedarf, papeterie,
    cancelleria | waste, residuo, abfall, dechet, rifiuto | vehicle, viatura, veiculo, vehiculo, fahrzeug, vehicule,
    veicolo | lorry, camiao, camion, lastwagen | spare part, sobressalente, peca, repuesto, ersatzteil, piece de
    rechange | training course, curso de formacao, curso de formacion, schulung, formation professionnelle | teaching,
    ensino, ensenanza, unterricht, enseignement | laundry, lavandaria, lavanderia, wascherei, blanchisserie |
    advertising, publicidade, publicidad, werbung, publicite | paper, papel, papier, carta | work, obra, empreitada |
    supply, aquisicao, fornecimento, suministro | service, servico, servicio, dienstleistung | security, vigilancia,
    bewachung, gardiennage
"""

# Articles, prepositions and what every notice says of itself. “it” is not among them: it is also what computers are;
# nor is “die”, a tool, nor “os”, a program, nor “no”, which turns the sense.
STOP_WORDS_BY_LANGUAGE = {
    "en": "a an and any are as at be by for from in into is of on or our per that the their this to under was with",
    "fr": "au aux avec dans de des du en et la le les par pour sur un une",
    "de": "am an auf bei das dem den der des ein eine einer fur im in mit nach und vom von zu zum zur",
    "es": "al con de del el en la las los para por un una y",
    "pt": "a ao aos as com da das de do dos e em na nas no nos o para pela pelo por um uma",
    "it": "al alla con da dal dei del della delle di e gli il in la le lo nel per su un una",
}
STOP_WORDS = frozenset(" ".join(STOP_WORDS_BY_LANGUAGE.values()).split()) - {"no"}

# What nearly every notice says of what is bought, and many who search put before or behind it: not asked for beside
# another word. As part of a name above (“winter service”) they count.
GENERIC = frozenset({
    "acquisition", "acquisto", "adquisicion", "aquisicao", "beschaffung", "delivery", "dienstleistung",
    "dienstleistungen", "fornecimento", "fornitura", "fourniture", "lieferung", "prestacao", "prestacion",
    "prestations", "procurement", "provision", "purchase", "service", "services", "servicio", "servicios",
    "servico", "servicos", "servizi", "servizio", "suministro", "supply",
})  # fmt: skip

# Asked for, these have the meaning above; in a notice they have others too, so nobody else's question is sent to them.
AMBIGUOUS = frozenset({"ct", "drug", "ict", "it", "lan", "lift", "offer", "pc", "rail", "solicitation", "ups", "work"})

# Singulars and plurals that are not one the beginning of the other: English ones, and Portuguese ones (“portátil”,
# “portáteis”; “ligação”, “ligações”). In most languages the plural only adds letters, and the beginning finds it.
ENDINGS = {
    "ies": ("ie", "y"), "ches": ("ch",), "shes": ("sh",), "sses": ("ss",), "xes": ("x",), "zes": ("z",),
    "ay": ("ay",), "ey": ("ey",), "oy": ("oy",), "y": ("y", "ies"),
    "eis": ("ei", "il", "el"), "ais": ("ai", "al"), "oes": ("oe", "ao"), "ens": ("en", "em"),
    "al": ("al", "ais"), "el": ("el", "eis"), "il": ("il", "eis"), "ol": ("ol", "ois"), "em": ("em", "ens"),
    "ao": ("ao", "oes", "aes"),
}  # fmt: skip
SHORTEST = 3  # letters of a word that ends in none of them

Phrase = tuple[str, ...]
Alternatives = tuple[Phrase, ...]
"""Phrases that mean the same; the first is the one that was asked for."""


def groups() -> list[tuple[str, ...]]:
    """Every group of phrases that mean the same."""
    listed = [line for text in (SPELLINGS, ENGLISH, PROCEDURE, ACROSS) for line in text.split("|")]
    return [tuple(" ".join(phrase.split()) for phrase in line.split(",")) for line in listed]


@cache
def synonyms() -> dict[str, tuple[str, ...]]:
    """By phrase, every other one that means the same."""
    found: dict[str, dict[str, None]] = {}
    for group in groups():
        for phrase in group:
            others = (other for other in group if other != phrase and other not in AMBIGUOUS)
            found.setdefault(phrase, {}).update(dict.fromkeys(others))
    return {phrase: tuple(others) for phrase, others in found.items()}


@cache
def named() -> tuple[str, ...]:
    """Every word of a name, to tell what a misspelt one was meant to be: notices may call it by another."""
    words = {word for phrase in synonyms() for word in phrase.split()}
    return tuple(sorted(word for word in words if len(word) > SHORTEST))


def meanings(words: str) -> list[Alternatives]:
    """What each part of a question may also be called. Words that tell nothing are left out where others are asked."""
    asked = terms(words)
    kept = [term for term in asked if term not in STOP_WORDS] or asked
    parts = list(_alternatives(kept))
    return [part for part in parts if part[0][0] not in GENERIC or len(part[0]) > 1] or parts


def _alternatives(kept: list[str]) -> Iterator[Alternatives]:
    """The longest phrase at each place that is known, with what means the same."""
    place = 0
    while place < len(kept):
        length, others = next(_known(kept[place:]), (1, ()))
        asked = tuple(kept[place : place + length])
        yield (asked, *(tuple(other.split()) for other in others))
        place += length


def _known(ahead: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for length in range(min(LONGEST, len(ahead)), 0, -1):
        if others := _by_stems().get(tuple(map(stem, ahead[:length]))):
            yield length, others


@cache
def _by_stems() -> dict[Phrase, tuple[str, ...]]:
    return {tuple(map(stem, _without(phrase))): others for phrase, others in synonyms().items()}


def _without(phrase: str) -> Phrase:
    """As it stands in a question, whose stop words are left out."""
    return tuple(word for word in phrase.split() if word not in STOP_WORDS)


LONGEST = max(len(phrase.split()) for phrase in synonyms())


def forms(word: str) -> tuple[str, ...]:
    """Beginnings under which a word is found in its singular and its plural."""
    if len(word) > SHORTEST:
        for ending, others in ENDINGS.items():
            if word.endswith(ending):
                return tuple(word.removesuffix(ending) + other for other in others)
    return (stem(word),)


def plurals(phrase: str) -> tuple[str, ...]:
    """A phrase in the singular, as an English plural, and as a Portuguese or Spanish one where all its words change:
    for an engine that looks up other names as they are written."""
    words = phrase.split()
    english = " ".join([*words[:-1], _english(words[-1])])
    return tuple(dict.fromkeys((phrase, english, " ".join(map(_romance, words)))))


def _english(word: str) -> str:
    if word.endswith(("x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if word[-1] == "y" and word[-2:-1] not in "aeiou" else f"{word}s"


def _romance(word: str) -> str:
    if word in STOP_WORDS or word.endswith("s"):
        return word
    others = {"il": "eis", "al": "ais", "el": "eis", "ol": "ois", "ao": "oes", "em": "ens"}
    if word[-2:] in others:
        return word[:-2] + others[word[-2:]]
    return f"{word}es" if word[-1] in "rnzl" else f"{word}s"
