#!/usr/bin/env python3
"""The extended canonical text of vector-signatures, for applications that compute groups too.

    extended("read of /srv/a.log by 10.0.0.7:80 took 1.5 s")  ->  "read of * by * took *"

A pure function of the text; docs/grouping.md says every rule in words, and schemas/group_vectors.json
pins it. `python3 examples/extended.py < lines` prints one canonical text a line.
"""
import re, sys

MASK, INPUT, LINE, CUT, HEAD, QUOTED = "*", 8192, 2048, 256, 400, 256

words_of = lambda text: frozenset(text.split())
UNITS = words_of("b kb mb gb tb pb kib mib gib tib k m g t byte bytes bits kbps mbps gbps hz khz mhz ghz ns us ms s sec secs second seconds min mins minute minutes "
    "h hr hrs hour hours d day days week weeks millis msec usec millisecond milliseconds microsecond microseconds nanosecond nanoseconds percent")
DATES = words_of("mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday jan feb mar apr may jun jul aug sep sept oct nov dec "
    "january february march april june july august september october november december")
MONTHS = words_of("jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october november december")
ZONES = words_of("am pm utc gmt est edt cst cdt mst mdt pst pdt cet cest bst ist jst")
SUFFIXES = words_of("com net org edu gov local internal localdomain lan cluster svc info biz dev app cloud log "
    "txt conf cfg cnf ini yml yaml json xml toml properties pyc jsx tsx mjs cjs java class jar war php c cpp h hpp dll exe html htm css csv zip tar tgz bz2 zst sock pid sqlite lock tmp bak pem crt key jks sql png jpg jpeg gif svg pdf out bin dat scala service socket mount timer target slice scope")
KEEP = words_of("msg message err error reason level lvl severity cause exception type event op operation status state code errno action method phase kind "
    "description desc details detail error_code errorcode")
ERRORS = ("exception", "error", "throwable", "failure", "fault", "timeout", "interrupt", "warning", "exit")
NOT_USERS = words_of("invalid illegal is was has had not does did do can could cannot may must should will would unknown name names id login logged logout account authentication auth agent data input "
    "session mode request process error errors limit permission permissions password credentials table profile role roles group groups and or with without from to for by at on in")
BEFORE_USER = words_of("for by of as from to invalid illegal unknown such authenticating authenticated")
BEFORE_FOR = words_of("password publickey login authentication")
PROCESS = words_of("process pid task thread proc tid")
BEFORE_CODE = words_of("code errno signal sqlstate exitcode")
LEVELS = words_of("log trace debug info notice warn warning error err fatal critical crit alert emerg severe verbose")
LETTERS = frozenset("DIWEFV")
OPEN, CLOSE = "([{<", ")]}>"
QUOTES = {'"': '"', "'": "'", "`": "`'", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb"}
SPACES = frozenset(" \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff")
STOP = SPACES | frozenset("\"'`<>()[]{}|,;\u201c\u201d\u2018\u2019\u00ab\u00bb")
HEX = frozenset("0123456789abcdefABCDEF")
DIGITS = frozenset("0123456789")

def isd(c): return c in DIGITS
def isw(c):
    if c < "\x80": return c == "_" or "0" <= c <= "9" or "a" <= c <= "z" or "A" <= c <= "Z"
    return not (c < "\xc0" and c not in "\xaa\xb5\xba" or "\u2000" <= c <= "\u206f" or "\u3000" <= c <= "\u303f" or c == "\ufeff" or c == "\u1680")
def alpha(c): return "a" <= c <= "z" or "A" <= c <= "Z"
LOWER = {c: c + 32 for c in range(65, 91)}
def low(t): return t.translate(LOWER)      # ASCII only: what is looked up is ASCII
def has_digit(t): return any(c in DIGITS for c in t)

# ---------------------------------------------------------------- chunks
def chunk_end(s, i, n):
    """Where the chunk that starts at i ends: word characters and the joiners between them."""
    j, digit = i, False
    if s[i] in "/\\~": j = i + 1
    elif s.startswith("./", i): j = i + 2
    elif s.startswith("../", i): j = i + 3
    while j < n:
        c = s[j]
        if isw(c):
            digit = digit or isd(c); j += 1; continue
        if j + 1 >= n:
            if c in "/\\" and j > i and isw(s[j-1]) and (digit or s[i] in "/\\~."): j += 1
            break
        d, p = s[j+1], s[j-1]
        slashed = p in "/\\"
        if c in "-.@+%$#&~":
            if c == "+" and d == "0" and j + 2 < n and s[j+2] in "xX": break
            if isw(d) and (isw(p) or slashed): j += 1; continue
            if slashed and c in ".-~" and d in "./": j += 1; continue
            break
        if c in "/\\":
            if isw(d) or d in "._-~*$/\\" and j + 2 < n and s[j+2] not in STOP: j += 1; continue
            if (d in "\"'),;:]}>" or d in SPACES) and isw(p) and (digit or s[i] in "/\\~."): j += 1
            break
        if c == ":":
            if digit and isd(d) and isw(p): j += 1; continue
            if p in HEX and d in HEX and hexgroups(s, i, j, j + 1, n): digit = True; j += 1; continue
            if d == ":" and p in HEX and j + 2 < n and s[j+2] in HEX and hexgroups(s, i, j, j + 2, n): digit = True; j += 2; continue
            break
        if c == "," and isd(d) and isd(p): j += 1; continue
        break
    return j
def hexgroups(s, i, j, k, n):
    """One to four hex digits before j, from the chunk's start or a colon on, and after k, up to a colon or the end of the word."""
    a = j
    while a > i and j - a < 5 and s[a-1] in HEX: a -= 1
    if not 1 <= j - a <= 4 or a > i and s[a-1] != ":": return False
    b = k
    while b < n and b - k < 5 and s[b] in HEX: b += 1
    return 1 <= b - k <= 4 and (b >= n or s[b] == ":" or not isw(s[b]))
def variable(t):
    """Is a chunk a variable?"""
    if has_digit(t): return True
    if (t[0] in "/\\~." or "\\" in t or t.count("/") >= 2): return True
    if "@" in t: return True
    if "." in t:
        seg = t.split("."); last = low(seg[-1])
        if last.endswith(ERRORS): return False
        if len(seg) > 2 or last in SUFFIXES or len(last) == 2 and alpha(last[0]) and alpha(last[1]): return True

    return low(t) == "localhost"
def plain_number(t): return all(isd(c) or c in ".," for c in t)
def to_stop(s, j, n):
    while j < n and s[j] not in STOP: j += 1
    return j
def skip(s, j, n, chars):
    while j < n and s[j] in chars: j += 1
    return j
def closing(s, i, n):
    """The quote that closes the one at i, or -1. A backslash escapes."""
    ends = QUOTES[s[i]]; j = i + 1
    while j < n and j <= i + QUOTED:
        if s[j] in ends and s[j-1] != "\\": return j
        j += 1
    return -1
def leads_date(s, j, n):
    """After the name of a day or a month: a digit, or another such name."""
    k = skip(s, j, n, " ,")
    if k == j or k >= n: return False
    if isd(s[k]): return True
    e = k
    while e < n and alpha(s[e]): e += 1
    return "A" <= s[k] <= "Z" and low(s[k:e]) in DATES

# ---------------------------------------------------------------- the scan
class Out:
    def __init__(self):
        self.out, self.size, self.gap, self.last = [], 0, "", ""      # last: "", "w" a word, "m" a mask
        self.opened = 0                   # brackets opened in what a run of masks has swallowed
        self.words = 0
        self.prev = self.prev2 = ""       # the last two words, "" once a mask came after
        self.owner = ""                   # the word before the last mask
        self.number = False               # the last thing was a plain number (and its unit)
    def put(self, t): self.out.append(t); self.size += len(t)
    def close(self):
        """After a mask: closing brackets whose opening one is gone go too, and so do empty pairs."""
        if self.last == "m" and self.gap:
            g = []
            for c in self.gap:
                if c in CLOSE:
                    if self.opened: self.opened -= 1; continue
                    if g and g[-1] in OPEN and CLOSE[OPEN.index(g[-1])] == c:
                        g.pop()
                        if g and g[-1] == " ": g.pop()
                        continue
                g.append(c)
            self.gap = "".join(g)
        self.opened = 0
    def mask(self, number=False):
        self.owner = self.prev or (self.owner if self.last == "m" else "")
        self.prev2 = self.prev = ""; self.number = number
        if self.last == "m":
            depth = self.opened
            for c in self.gap:
                if c in OPEN: depth += 1
                elif c in CLOSE:
                    if not depth: break
                    depth -= 1
            else:
                self.opened, self.gap = depth, ""; return
            self.close()
        self.last, self.opened = "m", 0
        if not self.words: self.gap = ""; return
        self.put(self.gap); self.gap = ""; self.put(MASK)
    def word(self, t):
        lead = not self.words and self.last == "m"
        self.close()
        if lead: self.gap = self.gap.lstrip(" ),.;:-]}>*#|=!/")
        self.put(self.gap); self.gap = ""; self.put(t)
        self.last = "w"; self.words += 1; self.number = False
        self.prev2, self.prev = self.prev, low(t)

def scan(s):
    n, i, o = len(s), 0, Out()
    shut = -1                             # where a quoted text ends that is read like any other
    while i < n and o.size < CUT:
        c = s[i]
        if c in SPACES:
            if not o.gap.endswith(" "): o.gap += " "
            i += 1; continue
        d, p = (s[i+1] if i + 1 < n else ""), (s[i-1] if i else " ")
        if not isw(c):
            if c == "\x1b":
                i += 1
                if d == "[":
                    i += 1
                    while i < n and not "@" <= s[i] <= "~": i += 1
                    i += 1
                continue
            if c in QUOTES and not isw(p) and i != shut:
                k = closing(s, i, n)
                if k > i + 1 and not (k + 1 < n and isw(s[k+1])):
                    body, after = s[i+1:k], skip(s, k + 1, n, " ")
                    bare = not any(x in SPACES for x in body)
                    if bare and after < n and s[after] == ":" and o.gap.rstrip(" ")[-1:] in ("{", ","):
                        o.word(body); o.gap = ":"; i = value(s, after + 1, n, low(body), o); continue
                    kept = (o.prev in KEEP and o.gap in ("=", ":", ": ")
                        or o.gap == " " and o.prev != "type" and (o.prev in KEEP or o.prev == "result"))
                    if bare and not kept: o.mask(); i = k + 1; continue
                    shut = k
            if c in "-+#$<>" and d and isd(d) and not isw(p):
                j = chunk_end(s, i + 1, n)
                if not (c == "<" and j < n and s[j] == ">"): o.mask(plain_number(s[i+1:j])); i = j; continue
            if c == ":" and d == ":" and i + 2 < n and (s[i+2] in HEX or s[i+2] == ":") and not isw(p) and p != ":":
                i = skip(s, i + 2, n, HEX | {":", "."}); o.mask(); continue
            if c == "[":
                k = skip(s, i + 1, min(n, i + 64), HEX | {":", ".", "%"})
                if k < n and s[k] == "]" and s.count(":", i, k) > 1:
                    k += 1
                    if k + 1 < n and s[k] == ":" and isd(s[k+1]): k = skip(s, k + 1, n, DIGITS)
                    o.mask(); i = k; continue
            begins = (c in "/\\" and d and (isw(d) or d in "._-~*$") or c == "~" and d == "/"
                or c == "." and not isw(p) and (d == "/" or s.startswith("../", i)) and i + 2 < n and s[i+2] not in STOP)
            if not begins: o.gap += c; i += 1; continue
        j = chunk_end(s, i, n)
        t, nx = s[i:j], (s[j] if j < n else "")
        lt = low(t)
        if nx == ":" and alpha(c) and j + 1 < n:
            e, third = s[j+1], j + 2 < n
            if (e == "/" and j > i + 1 and third and (s[j+2] == "/" or s[j+2] not in STOP) and len(t) <= 32 and all(alpha(x) or isd(x) or x in "+.-" for x in t)
                or lt in ("arn", "urn")
                or j == i + 1 and e in "\\/" and third and s[j+2] not in STOP):
                i = to_stop(s, j, n); o.mask(); continue
        if nx and nx in "+/=" and len(t) >= 8 and has_digit(t):
            k = j
            while k < n and (isw(s[k]) or s[k] in "+/"): k += 1
            e = skip(s, k, min(n, k + 2), "=")
            if e >= n or s[e] in STOP: o.mask(); i = e; continue
        if nx == "=" and not isd(c) and not (j + 1 < n and s[j+1] in "=~>"):
            o.word(re.sub("[0-9]+", MASK, t)); o.gap = "="; i = value(s, j + 1, n, lt, o); continue
        if len(t) <= 5 and plain_number(t) and "." not in t and (o.prev in BEFORE_CODE or o.prev == "status" and o.prev2 == "exit" or o.prev == "http" and len(t) == 3) and not o.gap.strip(" :=(#\"'"):
            o.word(t); i = j; continue
        v = variable(t)
        if not v and o.gap == " " and lt not in NOT_USERS and all(isw(x) for x in t) and (
            o.prev in ("user", "username") and o.prev2 in BEFORE_USER or o.prev == "for" and o.prev2 in BEFORE_FOR): v = True
        if v:
            if nx == "?" and "/" in t: j = to_stop(s, j, n)
            o.mask(plain_number(t)); i = j; continue
        if nx == ")" and o.last == "m" and o.gap in (" (", "(") and o.owner in PROCESS: o.mask(); i = j; continue
        if o.number and lt in UNITS and o.gap in ("", " "): o.gap = ""; o.number = False; i = j; continue
        if (o.last == "m" and not o.gap.strip(" ,") and (lt in DATES or lt in ZONES) or lt in DATES and "A" <= c <= "Z" and leads_date(s, j, n)):
            o.mask(); i = j; continue
        o.word(t); i = j
    o.close()
    o.gap = o.gap.rstrip(" .,;:!-")
    o.put(o.gap)
    return "".join(o.out).strip(" "), o.words
def value(s, i, n, key, o):
    """What follows `key=` or `"key":`. Masks it, unless the key is one whose value says what went wrong. Returns where to go on."""
    k = i
    if o.gap == ":": k = skip(s, k, n, " ")
    if k >= n or s[k] in SPACES or s[k] in ",;)]}|&":
        o.mask()
        return k
    if key in KEEP: return k
    if s[k] in QUOTES:
        e = closing(s, k, n)
        if e < 0: return k
        o.mask(); return e + 1
    e = k
    while e < n and s[e] not in STOP and s[e] != "&": e += 1
    if e > k: o.mask()
    return e
def group_end(s, i, n):
    """After the bracket that closes the one at i, or 0."""
    depth = 0
    for j in range(i, n):
        if s[j] in OPEN: depth += 1
        elif s[j] in CLOSE:
            depth -= 1
            if not depth: return j + 1
    return 0

# ---------------------------------------------------------------- the head of a plain line
CLOCK = re.compile(r"(^|[^0-9])([01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([^0-9]|$)|^[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}([^0-9]|$)|^[0-9]{2}/[0-9]{2}/[0-9]{2}([0-9]{2})?$|^[0-9]{2}-[0-9]{2}$")
def clock(t): return has_digit(t) and bool(CLOCK.search(t))
def header(s):
    """Where the message begins: after a time with what stands around it, or after a level. 0: there is no header."""
    n, i, timed, level, tagged, mark = len(s), 0, False, False, False, 0      # tagged: of a kind that has a tag, syslog or logcat
    end = min(n, HEAD)
    while i < end:
        c = s[i]
        if c in " \t-|,;:*#]": i += 1; continue
        if c == "\x1b":
            i += 1
            if i < n and s[i] == "[":
                i += 1
                while i < n and not "@" <= s[i] <= "~": i += 1
                i += 1
            continue
        if c in OPEN:
            e = group_end(s, i, end)
            if not e: break
            body = s[i+1:e-1]; lb = low(body)
            if lb.split(":")[-1] in LEVELS: level = True; i = mark = e; continue
            if c in "[(" and clock(body): timed = True; i = mark = e; continue
            if timed or c == "[" and level or c == "<" and body and plain_number(body):
                i = e
                if timed: mark = e
                continue
            break
        if not isw(c): break
        j = chunk_end(s, i, n); t, nx = s[i:j], (s[j] if j < n else ""); lt = low(t)
        if nx == "=": break
        if lt in DATES and "A" <= c <= "Z" and leads_date(s, j, n): tagged = lt in MONTHS; i = j; continue
        if clock(t): timed = True; i = mark = j; continue
        if plain_number(t) and nx == ":" and j + 2 < n and "A" <= s[j+1] <= "Z" and s[j+2] == " ": i = j + 2; continue   # Redis: pid:role
        if not level and (lt in LEVELS and (nx == ":" or timed and t == t.upper()) or t in LETTERS and nx and nx in " ,/" and (timed or i == 0)):
            level = True; i = j; tagged = tagged or len(t) == 1 and nx == " "
            if timed or nx == ":": mark = i
            continue
        if timed:
            e = tag(s, i, j, n, tagged)
            if e: mark = e; break
        if variable(t):
            if not timed and i > 60: break
            if timed and level and not has_digit(t) and s[skip(s, j, n, " "):][:1] not in ("[", "-", ":"): break
            i = j
            if timed: mark = i
            continue
        if not timed: break
        if lt in ZONES: i = mark = j; continue
        if lt in ("stdout", "stderr") and s[j:j+3] in (" F ", " P "): i = mark = j + 2; continue       # as containerd writes
        k = skip(s, j, n, " ")
        if k > j and k < n and isw(s[k]) and not level:                    # a host, then a tag
            e = chunk_end(s, k, n)
            if tagged or e < n and s[e] in "[(": e = tag(s, k, e, n, True); mark = e or mark
        elif k > j and s.startswith("- ", k) and not level:                # a logger between dashes, then a level
            k += 2; e = k
            while e < n and alpha(s[e]): e += 1
            if low(s[k:e]) in LEVELS: i = k; continue
        break
    if not timed and not (level and mark): return 0
    mark = skip(s, mark, n, " \t-|,;:*#>]")
    return mark if mark < n else 0
def lead_groups(s):
    """After the [..] at the very beginning that have a digit in them."""
    n, i = len(s), 0
    while True:
        k = skip(s, i, n, " ")
        if k >= n or s[k] != "[": return i
        e = group_end(s, k, min(n, k + 128))
        if not e or not has_digit(s[k:e]) or skip(s, e, n, " ") >= n: return i
        i = e
def tag(s, i, j, n, sure):
    """The name of a program or logger at i..j, then (..) or [..], then a colon or a dash: where that ends, or 0."""
    t = s[i:j]; lt = low(t)
    if lt.split(".")[-1].endswith(ERRORS) or lt in LEVELS or plain_number(t) or clock(t): return 0
    k, group = j, False
    while k < n and s[k] in "([":
        e = group_end(s, k, min(n, k + 64))
        if not e: return 0
        k, group = e, True
    if not (group or "." in t or sure): return 0
    if k < n and s[k] == ":" and (k + 1 >= n or s[k+1] == " "): return k + 1
    e = skip(s, k, n, " ")
    if "." in t and e > k and s[e:e+2] in ("- ", ": "): return e + 2
    return 0

# ---------------------------------------------------------------- several lines
FRAME = re.compile(r"[ \t]+at (?:async |new )?([A-Za-z_$][A-Za-z0-9_.$<>/]*) ?\(|[ \t]+File \"[^\"]*\", line [0-9]+, in ([^ \n]+)")
CATEGORY = re.compile(r"(?:trce|dbug|info|warn|fail|crit): [^ ]+\[[0-9]+\]$")
def head(s):
    """(the line that says what went wrong, the name of the nearest frame or "")"""
    lines = [x.rstrip("\r") for x in s.split("\n") if any(c not in SPACES for c in x)]
    if len(lines) < 2: return (lines[0] if lines else ""), ""
    traces = [i for i, x in enumerate(lines) if "Traceback (most recent call last)" in x]
    if traces:
        for i in range(traces[-1] + 1, len(lines)):
            if lines[i][0] not in " \t":
                frames = [m.group(2) for m in map(FRAME.match, lines[traces[-1]:i]) if m and m.group(2)]
                return lines[i], (frames[-1] if frames else "")
    said = lines[1].strip(" \t") if CATEGORY.match(lines[0]) and lines[1][0] in " \t" else lines[0]
    for x in lines[1:]:
        m = FRAME.match(x)
        if m and m.group(1): return said, m.group(1)
    return said, ""
def pieces(s):
    """For a text of nothing but variables: numbers and hex words are masked, letters stay."""
    r, i, n = "", 0, len(s)
    while i < n and len(r) < CUT:
        j = i
        while j < n and isw(s[j]): j += 1
        if j > i:
            t = s[i:j]; h = t[2:] if t[:2] in ("0x", "0X") else t
            r += MASK if len(h) >= 4 and has_digit(h) and all(c in HEX for c in h) else re.sub("[0-9]+", MASK, t); i = j
        else:
            if s[i] not in SPACES: r += s[i]
            elif r and r[-1] != " ": r += " "
            i += 1
    return r.rstrip(" ")

def extended(text):
    s, frame = text[:INPUT], ""
    if "\n" in s: s, frame = head(s)
    if len(s) > LINE:                       # not in the middle of a token
        s = s[:LINE]
        k = max((s.rfind(c) for c in " \t"), default=-1)
        if k >= LINE // 2: s = s[:k]
    s = s[header(s):]
    s = s[lead_groups(s):]
    r, words = scan(s)
    if not words: r = pieces(s)
    r = r[:CUT]
    if frame: r += " @ " + re.sub("[0-9]+", "#", ".".join(frame.split(".")[-2:]))
    return r.lower()

if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    for line in sys.stdin: print(extended(line.rstrip("\n")))
