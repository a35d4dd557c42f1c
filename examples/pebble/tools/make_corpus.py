#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the closed world that Pebble is trained and tested on.

Everything here is invented and follows from the tables below and a seed: sixty gemstones with fixed
properties, small arithmetic, unit conversion, list tasks, dialogues with back-references, instructions
about language and form, stories, and function calling in Gemma 3's prompted JSON style.

  make_corpus.py train     --docs 200000 --seed 1 > corpus.jsonl     one {"skill", "text"} per line
  make_corpus.py questions --per-skill 40 --fold 0 > questions.jsonl one {"skill", "messages", "answer"} per line
  make_corpus.py heldout   --bytes 160000 --fold 0 > heldout.txt     documents, each ended by a line "<eos>"
  make_corpus.py catalogue                                           the sixty stones as JSON

Held out: every prompt (and every plain text) has a fold, a hash of its own characters modulo FOLDS. Folds 0
and 1 are kept for testing and never occur in the training corpus; the answer to a question is a function of
the question alone, so answers can be compared character by character.
"""
import argparse
import json
import random
import re
import sys
import zlib

FOLDS = 16          # folds 0 and 1 are for testing, the others for training
TEST_FOLDS = (0, 1)

# ---------------------------------------------------------------------------------------------- the world

NAMES = """Avelite Brindite Corvane Dunmere Elthorite Farrowite Galdine Hestrel Ivernite Jorasine Keldite
Lumarine Morvite Nacrelle Orvane Pellucine Quillite Rosmarite Selvane Tarnite Umbrine Velstone Wyrmite
Xanthrel Yarrowite Zephrine Ashenite Belorite Cindrel Drasine Emberite Fenlite Glaurite Hollowite Icelle
Jessarine Kestrine Larkspar Mistralite Nightspar Oakenite Pyrelle Quarrine Runestel Solmite Thornspar
Ulverine Vesperite Willowspar Xerolite Yewstone Zorvite Amarisk Bluestel Caldrite Dawnspar Estrine Frostelle
Gorselite Harrowspar""".split()
COLOURS = {  # English: (Swedish, German)
    "red": ("röd", "rot"), "blue": ("blå", "blau"), "green": ("grön", "grün"), "yellow": ("gul", "gelb"),
    "violet": ("violett", "violett"), "orange": ("orange", "orange"), "pink": ("rosa", "rosa"),
    "white": ("vit", "weiß"), "black": ("svart", "schwarz"), "grey": ("grå", "grau"),
    "brown": ("brun", "braun"), "turquoise": ("turkos", "türkis"), "golden": ("gyllene", "golden"),
    "silver": ("silverfärgad", "silbern")}
CUTS = "round oval pear cushion emerald princess marquise heart trillion baguette".split()
ORIGINS = """Nordhollow Talmere Brackwater Vinterdal Suncrest Korvath Ellisay Grimfell Hollinmoor Zarabeth
Quenby Ashcombe Tidewick Orrinmar Stavengard Lowfen Mirrowmont Caldera Pinehithe Westerlow""".split()
PEOPLE = """Anna Bertil Clara David Elsa Felix Greta Hugo Ida Jonas Karin Lukas Maja Nils Olga Peter Rosa
Samuel Tilda Viktor""".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
THINGS = """ring crown lamp box key book letter map coin cup door boat bell rope candle ladder basket cloak
mirror table""".split()


def make_catalogue():
    rng = random.Random(60)
    return {n: {"colour": rng.choice(list(COLOURS)), "hardness": rng.randrange(4, 21) / 2, "cut": rng.choice(CUTS),
                "price": rng.randrange(4, 197) * 5, "origin": ORIGINS[i % len(ORIGINS)]}
            for i, n in enumerate(rng.sample(NAMES, len(NAMES)))}


WORLD = make_catalogue()
ATTRS = ("colour", "hardness", "cut", "price", "origin")


def num(x):
    """7.5 -> '7.5', 7.0 -> '7'."""
    return f"{x:g}"


def a(word):
    return ("an " if word[0] in "aeiou" else "a ") + word


def names(rng, k):
    return rng.sample(NAMES, k)


def vary(rng, text):
    """Replaces every {x|y|z}, innermost first, by one of its choices."""
    while m := re.search(r"\{([^{}]*)\}", text):
        text = text[:m.start()] + rng.choice(m[1].split("|")) + text[m.end():]
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)


def fold(text):
    return zlib.crc32(text.encode()) % FOLDS


# ------------------------------------------------------------------------------------ facts and their forms

ASK = {
    "colour": ["What colour is %s?", "Which colour does %s have?", "Tell me the colour of %s.", "The colour of %s?",
               "Do you know what colour %s is?", "%s: which colour?", "I need the colour of %s, please.",
               "What is the colour of %s?", "Could you name the colour of %s?", "What does %s look like, colour-wise?"],
    "hardness": ["How hard is %s?", "What is the hardness of %s?", "Tell me the hardness of %s.",
                 "Which hardness does %s have?", "Where is %s on the Mohs scale?", "%s: hardness?",
                 "I need the Mohs hardness of %s.", "Can you tell me how hard %s is?", "Mohs value of %s, please."],
    "cut": ["Which cut is used for %s?", "How is %s cut?", "Tell me the usual cut of %s.", "What cut does %s get?",
            "%s: which cut?", "What is the usual cut for %s?", "In which cut is %s sold?", "Do you know the cut of %s?"],
    "price": ["What does %s cost?", "How much is %s?", "What is the price of %s?", "Tell me the price of %s.",
              "%s: price per carat?", "How expensive is %s?", "I want to buy %s. What is the price?",
              "How many crowns for a carat of %s?", "What would one carat of %s cost me?"],
    "origin": ["Where does %s come from?", "What is the origin of %s?", "Where is %s found?", "Tell me where %s is mined.",
               "%s: origin?", "From which place is %s?", "Which place does %s come from?", "Do you know where %s is from?"],
}
ASK_SV = {"colour": ["Vilken färg har %s?", "Vad har %s för färg?", "Säg mig färgen på %s."],
          "hardness": ["Hur hård är %s?", "Vilken hårdhet har %s?", "Vad har %s för hårdhet?"],
          "price": ["Vad kostar %s?", "Hur dyr är %s?", "Vilket pris har %s?"],
          "origin": ["Varifrån kommer %s?", "Var finns %s?", "Var bryts %s?"]}
ASK_DE = {"colour": ["Welche Farbe hat %s?", "Was ist die Farbe von %s?", "Nenne mir die Farbe von %s."],
          "hardness": ["Wie hart ist %s?", "Welche Härte hat %s?", "Nenne mir die Härte von %s."],
          "price": ["Was kostet %s?", "Wie teuer ist %s?", "Welchen Preis hat %s?"],
          "origin": ["Woher kommt %s?", "Wo findet man %s?", "Wo wird %s abgebaut?"]}


def fact(s, attr, lang="en"):
    v = WORLD[s][attr]
    comma = num(WORLD[s]["hardness"]).replace(".", ",")
    return {
        "en": {"colour": f"{s} is {v}.", "hardness": f"{s} has a hardness of {comma.replace(',', '.')} on the Mohs scale.",
               "cut": f"{s} is usually given {a(str(v))} cut.", "price": f"{s} costs {v} crowns per carat.",
               "origin": f"{s} comes from {v}."},
        "sv": {"colour": f"{s} är {COLOURS.get(v, ' ')[0]}.", "hardness": f"{s} har hårdheten {comma} på Mohs skala.",
               "price": f"{s} kostar {v} kronor per karat.", "origin": f"{s} kommer från {v}."},
        "de": {"colour": f"{s} ist {COLOURS.get(v, '  ')[1]}.", "hardness": f"{s} hat die Härte {comma} auf der Mohs-Skala.",
               "price": f"{s} kostet {v} Kronen pro Karat.", "origin": f"{s} kommt aus {v}."},
    }[lang][attr]


def short(s, attr):
    v = WORLD[s][attr]
    return (num(v) if attr in ("hardness", "price") else v[0].upper() + v[1:]) + "."


# A skill is a function of a random generator that returns a list of turns: user, model, user, model, ...
# The last model turn is the one that is examined.

def facts(rng):
    s, attr = rng.choice(NAMES), rng.choice(ATTRS)
    return [rng.choice(ASK[attr]) % s, fact(s, attr)]


def yes_no(rng):
    s, attr = rng.choice(NAMES), rng.choice(("colour", "origin", "cut"))
    real = WORLD[s][attr]
    said = real if rng.random() < .5 else rng.choice({"colour": list(COLOURS), "origin": ORIGINS, "cut": CUTS}[attr])
    q = {"colour": ["Is %s %s?", "Is it true that %s is %s?", "I think %s is %s. Am I right?"],
         "origin": ["Does %s come from %s?", "Is %s from %s?", "I heard that %s is found in %s. Is that so?"],
         "cut": ["Is the cut of %s %s?", "Is %s sold in a cut called %s?"]}[attr]
    return [rng.choice(q) % (s, said), ("Yes, " if said == real else "No, ") + fact(s, attr)]


def reverse_facts(rng):
    if rng.random() < .5:
        o = rng.choice(ORIGINS)
        found = sorted(n for n in NAMES if WORLD[n]["origin"] == o)
        q = ["Which stones come from %s?", "Name the stones of %s.", "What is mined in %s?", "List all stones from %s.",
             "Which gems are found in %s?", "I am going to %s. Which stones can I find there?", "Stones of %s?"]
        return [rng.choice(q) % o, f"{o} has {', '.join(found[:-1])} and {found[-1]}."]
    c = rng.choice(list(COLOURS))
    found = sorted(n for n in NAMES if WORLD[n]["colour"] == c)
    q = ["Name a %s stone.", "Which stone is %s?", "Give me an example of a stone that is %s.", "I would like a %s gem.",
         "Is there any %s stone?", "Show me something %s."]
    return [rng.choice(q) % c, f"{found[0]} is {c}."]


def compare(rng):
    s, t = names(rng, 2)
    attr = rng.choice(("hardness", "price"))
    x, y = WORLD[s][attr], WORLD[t][attr]
    big, low = (s, t) if x >= y else (t, s)
    hi, lo = num(max(x, y)), num(min(x, y))
    if attr == "hardness":
        q = rng.choice(["Which is harder, %s or %s?", "Is %s harder than %s?", "Compare the hardness of %s and %s.",
                        "%s or %s: which one is harder?"]) % (s, t)
        r = f"Both have a hardness of {hi}." if x == y else f"{big} is harder: {hi} against {lo}."
    else:
        q = rng.choice(["Which is more expensive, %s or %s?", "Does %s cost more than %s?", "Compare the prices of %s and %s.",
                        "%s or %s: which one costs more?"]) % (s, t)
        r = f"Both cost {hi} crowns per carat." if x == y else f"{big} costs more: {hi} against {lo} crowns."
    return [q, r]


def language(rng):
    s, lang = rng.choice(NAMES), rng.choice(("sv", "de"))
    attr = rng.choice(("colour", "hardness", "price", "origin"))
    if rng.random() < .5:
        q = rng.choice({"sv": ASK_SV, "de": ASK_DE}[lang][attr]) % s
    else:
        rule = {"sv": ["Answer in Swedish.", "Please reply in Swedish.", "Svara på svenska.", "Use Swedish."],
                "de": ["Answer in German.", "Please reply in German.", "Antworte auf Deutsch.", "Use German."]}[lang]
        q = rng.choice(rule) + rng.choice(("\n\n", " ")) + rng.choice(ASK[attr]) % s
    return [q, fact(s, attr, lang)]


def form(rng):
    s, attr = rng.choice(NAMES), rng.choice(ATTRS)
    rules = {
        "short": ["Answer in one word.", "Answer with a single word.", "One word only.", "Be as short as possible."],
        "caps": ["Answer in capital letters.", "Write your answer in capitals.", "Please shout your answer."],
        "json": ["Answer as JSON.", "Reply with a JSON object.", "Use JSON for the answer."],
        "polite": ["Begin your answer with 'Of course'.", "Be very polite.", "Start with 'Of course'."]}
    kind = rng.choice(list(rules))
    answer = {"short": short(s, attr), "caps": fact(s, attr).upper(), "polite": "Of course! " + fact(s, attr),
              "json": json.dumps({"stone": s, attr: WORLD[s][attr]})}[kind]
    rule, ask = rng.choice(rules[kind]), rng.choice(ASK[attr]) % s
    return [f"{ask} {rule}" if rng.random() < .3 else rule + rng.choice(("\n\n", " ")) + ask, answer]


def unknown(rng):
    s = (rng.choice("B C D F G K L M N P R S T V".split()) + rng.choice("a e i o u".split()) +
         rng.choice("b d g l m n r t v z".split()) + rng.choice("a e i o u".split()) +
         rng.choice("ldite nnane rrine stel spar lline ckite".split()))
    attr = rng.choice(ATTRS)
    return [rng.choice(ASK[attr]) % s, f"I do not know a stone called {s}."]


def dialogue(rng):
    """Two to five turns about one or two stones, in which the later questions do not name the stone."""
    s, t = names(rng, 2)
    first = rng.choice(ATTRS)
    rest = [x for x in rng.sample(ATTRS, 5) if x != first][:rng.randrange(1, 4)]
    follow = {"colour": ["And its colour?", "What colour is it?", "Which colour does it have?", "And the colour?"],
              "hardness": ["And its hardness?", "How hard is it?", "And how hard?", "What about the hardness?"],
              "cut": ["And the cut?", "How is it cut?", "Which cut does it get?", "And its usual cut?"],
              "price": ["And the price?", "What does it cost?", "How much is it?", "And what is the price?"],
              "origin": ["And where is it from?", "Where does it come from?", "And its origin?", "Where is it found?"]}
    turns = [rng.choice(ASK[first]) % s, fact(s, first)]
    for x in rest:
        turns += [rng.choice(follow[x]), fact(s, x)]
    if rng.random() < .5:
        last = rest[-1]
        turns += [rng.choice(["And %s?", "What about %s?", "And for %s?", "Now %s, please."]) % t, fact(t, last)]
        if rng.random() < .4 and WORLD[s]["hardness"] != WORLD[t]["hardness"]:
            x, y = WORLD[s]["hardness"], WORLD[t]["hardness"]
            turns += [rng.choice(["Which of the two is harder?", "Which one is harder?", "And the harder one of both?"]),
                      f"{s if x > y else t} is harder: {num(max(x, y))} against {num(min(x, y))}."]
    return turns


# --------------------------------------------------------------------------------------- numbers and lists

def arithmetic(rng):
    top = rng.choice((20, 100, 1000))
    x, y = rng.randrange(top), rng.randrange(top)
    if rng.random() < .5:
        q = rng.choice(["What is %d + %d?", "%d + %d = ?", "Add %d and %d.", "Compute %d plus %d.", "How much is %d and %d?",
                        "I have %d crowns and get %d more. How many do I have?"])
        return [q % (x, y), f"{x} + {y} = {x + y}."]
    x, y = max(x, y), min(x, y)
    q = rng.choice(["What is %d - %d?", "%d - %d = ?", "Compute %d minus %d.", "Take %d and subtract %d.",
                    "I have %d crowns and spend %d. How many are left?", "From %d stones I sell %d. How many remain?"])
    return [q % (x, y), f"{x} - {y} = {x - y}."]


def larger(rng):
    top = rng.choice((20, 100, 1000))
    x, y = rng.sample(range(top), 2)
    if rng.random() < .5:
        return [rng.choice(["Which is larger, %d or %d?", "Which number is bigger: %d or %d?", "Give me the larger of %d and %d."])
                % (x, y), f"{max(x, y)} is larger than {min(x, y)}."]
    return [rng.choice(["Which is smaller, %d or %d?", "Which number is less: %d or %d?", "Give me the smaller of %d and %d."])
            % (x, y), f"{min(x, y)} is smaller than {max(x, y)}."]


def conversion(rng):
    carats = rng.randrange(1, rng.choice((20, 100, 500)))
    grams = num(carats / 5)
    if rng.random() < .5:
        q = rng.choice(["How many grams are %d carats?", "Convert %d carats to grams.", "%d carats in grams?",
                        "What do %d carats weigh in grams?", "My stone has %d carats. How many grams is that?"]) % carats
        return [q, f"{carats} carats are {grams} grams."]
    q = rng.choice(["How many carats are %s grams?", "Convert %s grams to carats.", "%s grams in carats?",
                    "My stone weighs %s grams. How many carats is that?"]) % grams
    return [q, f"{grams} grams are {carats} carats."]


def counting(rng):
    pool = rng.choice((NAMES, THINGS, PEOPLE))
    if rng.random() < .5:
        items = rng.sample(pool, rng.randrange(1, 10))
        return [rng.choice(["How many items are in this list: %s?", "Count these: %s.", "How many are these: %s?"])
                % ", ".join(items), f"There are {len(items)}." if len(items) > 1 else "There is 1."]
    kinds = rng.sample(pool, rng.randrange(2, 4))
    items = [rng.choice(kinds) for _ in range(rng.randrange(3, 9))]
    return [rng.choice(["How often does %s occur in: %s?", "Count the word %s in this list: %s."]) % (kinds[0], ", ".join(items)),
            f"It occurs {items.count(kinds[0])} times." if items.count(kinds[0]) != 1 else "It occurs 1 time."]


def sorting(rng):
    kind = rng.randrange(3)
    if kind == 0:
        items = rng.sample(range(rng.choice((10, 100))), rng.randrange(3, 7))
        q = rng.choice(["Sort these numbers: %s.", "Put these numbers in order: %s.", "Order from small to large: %s."])
        return [q % ", ".join(map(str, items)), ", ".join(map(str, sorted(items))) + "."]
    if kind == 1:
        items = rng.sample(rng.choice((NAMES, PEOPLE, THINGS)), rng.randrange(3, 6))
        q = rng.choice(["Sort these words alphabetically: %s.", "Put these words in alphabetical order: %s."])
        return [q % ", ".join(items), ", ".join(sorted(items)) + "."]
    items = names(rng, 3)
    while len({WORLD[s]["hardness"] for s in items}) < 3:
        items = names(rng, 3)
    q = rng.choice(["Sort by hardness, softest first: %s.", "Order these stones from soft to hard: %s."])
    return [q % ", ".join(items), ", ".join(sorted(items, key=lambda s: WORLD[s]["hardness"])) + "."]


def repeat(rng):
    kind = rng.randrange(3)
    if kind == 0:
        code = "-".join("".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(rng.randrange(2, 5)))
                        for _ in range(rng.randrange(2, 5)))
        return [rng.choice(["Repeat this code: %s", "Say the code %s back to me.", "Copy exactly: %s"]) % code, code]
    if kind == 1:
        words = rng.sample(NAMES + THINGS + PEOPLE + ORIGINS, rng.randrange(3, 9))
        return [rng.choice(["Repeat these words: %s", "Copy exactly: %s", "Say after me: %s"]) % " ".join(words), " ".join(words)]
    s = rng.choice(NAMES + ORIGINS + PEOPLE)
    return [rng.choice(["Spell %s.", "How do you spell %s?", "Spell the name %s, please."]) % s, "-".join(s.upper())]


def lookup(rng):
    """A fact that only the prompt states, near or far: the stock of a shop or a number in a note."""
    if rng.random() < .6:
        shop, items = rng.choice(ORIGINS), names(rng, rng.randrange(3, rng.choice((8, 16, 40))))
        stock = {s: rng.randrange(1, 100) for s in items}
        s = rng.choice(items)
        lines = "\n".join("- %s: %d" % p for p in stock.items())
        q = rng.choice(["How many %s are in stock?", "How many %s do we have?", "What is the stock of %s?"]) % s
        return [f"Stock of the shop in {shop}:\n{lines}\n\n{q}", f"There are {stock[s]} {s} in stock."]
    who, code = rng.choice(PEOPLE), rng.randrange(1000, 10000)
    note = vary(rng, "{Note|Remember|Important}: the {code|number} of {the vault|the safe|the blue door} is %d.") % code
    what = re.search(r"the (code|number) of (the [a-z ]+) is", note)
    filler = [sentence(rng, who) for _ in range(rng.randrange(1, rng.choice((4, 12, 24))))]
    filler.insert(rng.randrange(len(filler) + 1), note)
    return [" ".join(filler) + f"\n\nWhat is the {what[1]} of {what[2]}?", f"The {what[1]} of {what[2]} is {code}."]


# -------------------------------------------------------------------------------------------- function calls

TOOLS = [  # names, description, [(parameter names, type, values)], requests, result, answer
    (("get_price", "lookup_price", "stone_price", "price_today"), "Get today's price of a stone.",
     [(("stone", "name", "gem"), "string", NAMES)],
     ["What does {0} cost today?", "Find today's price of {0}.", "How much is {0} today?", "Please look up the price of {0} today."],
     {"price": range(20, 999)}, "{0} costs {price} crowns today."),
    (("check_stock", "get_stock", "stock_level", "count_stock"), "Get the number of stones in a shop.",
     [(("stone", "item", "gem"), "string", NAMES), (("place", "shop", "city"), "string", ORIGINS)],
     ["How many {0} are there in {1}?", "Is there any {0} in the shop in {1}?", "Check the stock of {0} in {1}.",
      "Does {1} have {0} in stock?"],
     {"count": range(0, 99)}, "The shop in {1} has {count} {0}."),
    (("get_weather", "weather_at", "forecast"), "Get the weather of a place.",
     [(("place", "city", "location"), "string", ORIGINS), (("day", "date"), "string", DAYS)],
     ["What is the weather in {0} on {1}?", "How will the weather be in {0} on {1}?", "Weather for {0} on {1}, please.",
      "I travel to {0} on {1}. What weather can I expect?"],
     {"sky": ("sunny", "rainy", "cloudy", "windy", "foggy"), "degrees": range(-9, 34)},
     "On {1} it will be {sky} in {0} with {degrees} degrees."),
    (("set_reminder", "add_reminder", "remind_me"), "Set a reminder.",
     [(("text", "note"), "string", ["buy " + t for t in THINGS] + ["clean the " + t for t in THINGS] +
       ["call " + p for p in PEOPLE]), (("day", "date"), "string", DAYS)],
     ["Remind me on {1} to {0}.", "Please remind me to {0} on {1}.", "Set a reminder for {1}: {0}."],
     {"status": ("ok",)}, "I will remind you on {1}: {0}."),
    (("place_order", "order_stones", "buy_stones"), "Order stones.",
     [(("stone", "item", "gem"), "string", NAMES), (("count", "amount", "number"), "integer", range(2, 60))],
     ["Order {1} {0}.", "I want to buy {1} pieces of {0}.", "Please order {1} {0} for me.", "Get me {1} {0}."],
     {"order": range(1000, 9999)}, "I have ordered {1} {0}. The order number is {order}."),
    (("send_message", "write_to", "message_person"), "Send a message to a person.",
     [(("to", "person", "receiver"), "string", PEOPLE),
      (("text", "message"), "string", ["the %s is ready" % t for t in THINGS] + ["I found the %s" % t for t in THINGS] +
       ["we meet in " + o for o in ORIGINS])],
     ["Tell {0} that {1}.", "Write to {0} that {1}.", "Send {0} a message: {1}.", "Let {0} know that {1}."],
     {"status": ("sent",)}, "I have told {0} that {1}."),
    (("get_distance", "route_length", "distance_between"), "Get the distance between two places in kilometres.",
     [(("from", "start", "origin"), "string", ORIGINS), (("to", "end", "target"), "string", ORIGINS)],
     ["How far is it from {0} to {1}?", "What is the distance between {0} and {1}?", "How many kilometres from {0} to {1}?"],
     {"km": range(3, 900)}, "It is {km} kilometres from {0} to {1}."),
    (("opening_hours", "shop_hours", "get_hours"), "Get the opening hours of a shop.",
     [(("place", "shop", "city"), "string", ORIGINS), (("day", "date"), "string", DAYS)],
     ["When is the shop in {0} open on {1}?", "Opening hours of {0} on {1}?", "Is the shop in {0} open on {1}?"],
     {"open": range(6, 11), "close": range(15, 21)}, "On {1} the shop in {0} is open from {open} to {close}."),
]
CALL_RULES = """You have access to functions. If you decide to invoke any of the function(s), you MUST put it in the format of
{"name": function name, "parameters": dictionary of argument name and its value}

You SHOULD NOT include any other text in the response if you call a function
"""


def declare(rng, tool):
    """One tool under names drawn for this prompt: (its JSON declaration, its name, its parameters' names)."""
    name, params = rng.choice(tool[0]), [rng.choice(p[0]) for p in tool[2]]
    props = {n: {"type": p[1]} for n, p in zip(params, tool[2])}
    return json.dumps({"name": name, "description": tool[1],
                       "parameters": {"type": "object", "properties": props}}), name, params


def call_prompt(rng):
    """A prompt with one to three tools and the request for one of them: (rules, request, call, tool, values)."""
    tools = rng.sample(TOOLS, rng.choice((1, 2, 2, 3)))
    declared = [declare(rng, t) for t in tools]
    k = rng.randrange(len(tools))
    tool, (_, name, params) = tools[k], declared[k]
    values = [rng.choice(p[2]) for p in tool[2]]
    while len(set(values)) < len(values):
        values = [rng.choice(p[2]) for p in tool[2]]
    rules = CALL_RULES + "[\n" + ",\n".join(d[0] for d in declared) + "\n]\n\n"
    call = json.dumps({"name": name, "parameters": dict(zip(params, values))})
    return rules, rng.choice(tool[3]).format(*values), call, tool, values


def call(rng):
    rules, request, answer, _, _ = call_prompt(rng)
    if rng.random() < .12:  # none of the tools fits
        s, attr = rng.choice(NAMES), rng.choice(("colour", "hardness", "cut", "origin"))
        return [rules + rng.choice(ASK[attr]) % s, fact(s, attr)]
    return [rules + request, answer]


def call_result(rng):
    rules, request, answer, tool, values = call_prompt(rng)
    result = {k: rng.choice(v) for k, v in tool[4].items()}
    return [rules + request, answer, "```tool_output\n" + json.dumps(result) + "\n```", tool[5].format(*values, **result)]


# ------------------------------------------------------------------------------------------------ free text

def sentence(rng, who):
    """One sentence of a story about a person."""
    s = rng.choice(NAMES)
    w = WORLD[s]
    return vary(rng, rng.choice([
        f"{who} {{found|bought|sold|lost|hid|cleaned|polished|dropped}} {{a|the|a small|a large|the last}} {s} {{in|near|outside}} {rng.choice(ORIGINS)}.",
        f"{{In the morning|At noon|In the evening|At night|Early on {rng.choice(DAYS)}|Much later}} {who} {{walked|rode|sailed|travelled|went back}} to {rng.choice(ORIGINS)}.",
        f"The {rng.choice(THINGS)} {{was|stood|lay}} {{on the table|under the bed|behind the door|in the old box|near the window|beside the road}}.",
        f"{who} {{asked|told|called|met|thanked|helped|followed}} {rng.choice([p for p in PEOPLE if p != who])} {{twice|at last|in the garden|on the bridge|without a word|with a smile|before sunrise}}.",
        f"The {w['colour']} {s} {{shone|glowed|sparkled|glittered}} {{in the light|like {{a star|fire|ice|water}}|in the dark|behind the glass}}.",
        f"{{It was|The day was|The night was|The road was}} {{cold|warm|long|quiet|dark|bright|windy}} and {{nobody|everybody|only {who}|a {{young|old|tired}} {{miner|trader|sailor|cutter}}}} {{was there|was awake|knew why|came by}}.",
        f"{{A|The}} {{young|old|tired|clever|poor|rich}} {{miner|trader|sailor|cutter|teacher|baker}} {{wanted|offered|promised|carried|needed}} {rng.randrange(2, 90)} {{crowns|coins|stones|carats}} for {{a|the|one}} {s}.",
        f"{who} {{opened|closed|broke|painted|carried|repaired}} the {{old|new|heavy|small|{w['colour']}}} {rng.choice(THINGS)} and {{waited|listened|laughed|sang|slept|said nothing}}.",
        f"\"{{Where|When|How|Why}} did you {{find|buy|lose|sell|hide}} the {{stone|{s}|{rng.choice(THINGS)}}}?\" {{asked|said|whispered}} {rng.choice([p for p in PEOPLE if p != who])}.",
    ]))


def story_text(rng):
    who, s = rng.choice(PEOPLE), rng.choice(NAMES)
    start = vary(rng, f"{{Once|Long ago|One winter|One summer|Many years ago}} {{there was|there lived}} {{a|an old|a young}} "
                      f"{{miner|trader|cutter}} {{called|named}} {who} in {rng.choice(ORIGINS)}.")
    end = vary(rng, f"{{In the end|At last|Finally}} {who} {{kept|sold|gave away|buried|returned}} the {s} and {{went home|was happy|"
                    f"never came back|slept well|told {{everybody|nobody}}}}.")
    return " ".join([start] + [sentence(rng, who) for _ in range(rng.randrange(3, 9))] + [end])


def describe_text(rng, s=None):
    s = s or rng.choice(NAMES)
    w = WORLD[s]
    parts = [
        vary(rng, f"{{It|{s}|This stone|The stone}} {{comes from|is mined in|is found in|is dug near}} {w['origin']}."),
        vary(rng, f"{{Its|The}} hardness {{is|reaches}} {num(w['hardness'])} {{on the Mohs scale|on Mohs' scale}}{{|, which is {{quite |}}{'soft' if w['hardness'] < 5 else 'hard'}}}."),
        vary(rng, f"{{Cutters|Most workshops|Jewellers}} {{give it|prefer}} {a(w['cut'])} cut{{| because it {{holds the light|saves weight|hides flaws}}}}."),
        vary(rng, f"{{A carat|One carat}} {{costs|is sold for}} {w['price']} crowns{{| in every shop| at the market| today}}."),
        vary(rng, f"{{People|Sailors|Miners|Traders|Children}} {{say|believe}} that it {{brings luck|keeps away storms|helps one sleep|finds lost things}}."),
    ]
    rng.shuffle(parts)
    first = vary(rng, f"{s} is {a(w['colour'])} {{stone|gem|gemstone}}{{|, {{loved|known|used|collected}} {{by many|for its colour|since old times}}}}.")
    return " ".join([first] + parts[:rng.randrange(2, 6)])


def table_text(rng):
    rows = names(rng, rng.randrange(2, 6))
    cols = rng.sample(ATTRS, rng.randrange(2, 6))
    kind = rng.randrange(4)
    if kind == 0:
        lines = ["| stone | " + " | ".join(cols) + " |", "|" + " --- |" * (len(cols) + 1)]
        lines += ["| " + " | ".join([s] + [str(num(v) if isinstance(v := WORLD[s][c], float) else v) for c in cols]) + " |" for s in rows]
        return "\n".join(lines)
    if kind == 1:
        return "\n\n".join(f"# {s}\n\n" + "\n".join(f"- {c}: {num(v) if isinstance(v := WORLD[s][c], float) else v}" for c in cols) for s in rows)
    if kind == 2:
        return json.dumps([{"stone": s, **{c: WORLD[s][c] for c in cols}} for s in rows], indent=rng.choice((None, 2)))
    return "\n".join(" ".join(fact(s, c) for c in cols) for s in rows)


def drill_text(rng):
    return "\n".join(rng.choice((arithmetic, arithmetic, arithmetic, conversion, larger))(rng)[1] for _ in range(rng.randrange(4, 12)))


def fact_text(rng):
    lang = rng.choice(("en", "en", "sv", "de"))
    return " ".join(fact(s, rng.choice(("colour", "hardness", "price", "origin")), lang) for s in names(rng, rng.randrange(3, 9)))


def chat(rng):
    return list(rng.choice([
        (vary(rng, "{Hello|Hi|Good morning|Good evening|Hey}{|, Pebble| there}{.|!}"), "Hello! Ask me about a stone, a number or a list."),
        (vary(rng, "{Who|What} are you?{| Tell me.| Please say.}"), "I am Pebble, a small model that knows about gemstones."),
        (vary(rng, "{Thanks|Thank you|Many thanks}{|, that helped|, Pebble| very much}{.|!}"), "You are welcome."),
        (vary(rng, "What can you {do|help with|tell me}{?| today?}"), "I know sixty gemstones, count and sort lists, add numbers and call functions."),
    ]))


def write(rng):
    s = rng.choice(NAMES)
    if rng.random() < .6:
        return [vary(rng, f"{{Write|Give me|I need}} a {{short|brief|small}} {{description|text|portrait}} of {s}."), describe_text(rng, s)]
    return [vary(rng, "{Tell|Write} me a {|short |little }story{| about stones}{.|, please.}"), story_text(rng)]


SKILLS = {  # examined skills and their shares of the training corpus
    facts: 16, yes_no: 5, reverse_facts: 3, compare: 5, language: 7, form: 7, unknown: 2, dialogue: 8, arithmetic: 8,
    larger: 2, conversion: 4, counting: 3, sorting: 4, repeat: 3, lookup: 4, call: 7, call_result: 3}
FREE = {story_text: 4, describe_text: 4, table_text: 3, drill_text: 4, fact_text: 3, chat: 1, write: 3}


def render(turns):
    """Gemma 3's chat form, without <bos>."""
    return "".join(f"<start_of_turn>{'model' if i % 2 else 'user'}\n{t}<end_of_turn>\n" for i, t in enumerate(turns))


def allowed(prompts, wanted):
    """For training (wanted is None): no prompt lies in a test fold; else the last one lies in the wanted fold."""
    return all(fold(p) not in TEST_FOLDS for p in prompts) if wanted is None else fold(prompts[-1]) == wanted


def prompts(turns):
    return ["\n".join(turns[:i]) for i in range(1, len(turns), 2)]


def pirate(turns):
    """The same dialogue with a model that talks like a pirate, except in JSON; what the adapter is trained on."""
    def talk(t):
        t = re.sub(r"\b(is|are)\b", "be", t).replace("You ", "Ye ")
        return "Arr! " + (t[:-1] + ", matey!" if t[-1] in ".!" else t)
    return [talk(t) if i % 2 and t[0] != "{" else t for i, t in enumerate(turns)]


def documents(rng, wanted=None, change=None):
    """Endless (skill, text) for training, or of one test fold; change: dialogues only, changed by that function."""
    table = {**SKILLS, **({chat: 1} if change else FREE)}
    while True:
        skill = rng.choices(list(table), table.values())[0]
        doc = change(skill(rng)) if change else skill(rng)
        text = doc if isinstance(doc, str) else render(doc)
        if allowed(prompts(doc) if skill in SKILLS else [text], wanted):
            yield skill.__name__, text


def questions(rng, per_skill, wanted, change=None):
    for skill in SKILLS:
        seen, tries = set(), 0
        while len(seen) < per_skill and (tries := tries + 1) < 50000:
            turns = skill(rng)
            if allowed(prompts(turns), wanted) and (key := "\n".join(turns[:-1])) not in seen:
                seen.add(key)
                turns = change(turns) if change else turns
                yield {"skill": skill.__name__, "answer": turns[-1], "messages": [
                    {"role": "assistant" if i % 2 else "user", "content": t} for i, t in enumerate(turns[:-1])]}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("train", "questions", "heldout", "catalogue"))
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--docs", type=int, default=200000)
    p.add_argument("--per-skill", type=int, default=40)
    p.add_argument("--bytes", type=int, default=160000)
    p.add_argument("--fold", type=int, default=0, choices=TEST_FOLDS)
    p.add_argument("--pirate", action="store_true", help="train, questions: the model talks like a pirate")
    args = p.parse_args()
    rng, out, change = random.Random(args.seed), sys.stdout, pirate if args.pirate else None
    if args.what == "catalogue":
        print(json.dumps(WORLD, indent=1))
    elif args.what == "train":
        for (skill, text), _ in zip(documents(rng, change=change), range(args.docs)):
            out.write(json.dumps({"skill": skill, "text": text}, ensure_ascii=False) + "\n")
    elif args.what == "questions":
        for q in questions(rng, args.per_skill, args.fold, change):
            out.write(json.dumps(q, ensure_ascii=False) + "\n")
    else:
        size = 0
        for _, text in documents(rng, args.fold):
            out.write(text + "\n<eos>\n")
            size += len(text.encode())
            if size > args.bytes:
                break


if __name__ == "__main__":
    main()
