"""What the drawn texts say: invented names, dates, numbers and scanner words, in many scripts."""

import random
import string

_SYLLABLES = ("ka ri mo ta ne sel ber gar win ham ton ley ro da vi mar lu co hen stein er son ow ski ov a "
              "jo an be el sa th mi chae rd pe nov ak sch mid fer nan dez gu ez wa ng zh ao li yu ki mu ra").split()
_ACCENTS = "áàâäãåæçéèêëíìîïñóòôöõøúùûüýÿžšőűłćęąßðþ"
_MODALITY_WORDS = ("SE TR TE FOV DFOV mA kV kVp mAs ETL NEX THK W L WW WL Z C ZOOM MI TIS TIB TIS0.4 MI1.2 Gn Dyn PRF WF "
                   "HR bpm Freq FR Pwr 2D CF PW CW THI Gen Res Pen Abd OB Adult Echo Sag Cor Ax AX T1 T2 FLAIR DWI ADC "
                   "STIR b500 b1000 SP SL IM Im Se Acq Ex Slice Frame Loc mm cm mGy DLP CTDIvol AP PA LAT RLAT SUP INF "
                   "PORTABLE ERECT SUPINE DECUB L R LT RT MLO CC RCC LCC LMLO RMLO A P H F HFS FFS S I Dist Area Vol "
                   "Mean SD Min Max cm/s mmHg PHILIPS SIEMENS TOSHIBA Hitachi SAMSUNG FUJI Canon Mindray ALOKA "
                   "Compressed Lossy 12:1 Magnified STANDARD LUNG BONE SOFT Brain Head Chest Abdomen Pelvis Knee Liver "
                   "Kidney Spine Heart Contrast Non-Con Arterial Venous Delay 0.625 1.25 5.0 7.5MHz L12-5 C5-1 S5-1").split()
_LABELS = ("Name Patient Pat. Patient Name PatID ID MRN Acc Acc# Accession DOB Birth Sex Age Study Date Time Tel Phone "
           "Referring Physician Operator Hospital Institution Station Ward Room Study ID Exam").split()
_PLACES = ("GENERAL HOSPITAL;ST. MARY'S MEDICAL CENTER;UNIVERSITY CLINIC;Klinikum Nord;Hôpital Saint-Louis;"
           "CITY RADIOLOGY;IMAGING CENTER;Radiologie am Markt;CHILDREN'S HOSPITAL;Ospedale Maggiore;"
           "Hospital de la Cruz;DEPT. OF RADIOLOGY;MEMORIAL HEALTH;VET CLINIC;Szpital Miejski").split(";")
_RANGES = {
    "greek": "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωάέήίόύώ",
    "cyrillic": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяіїє",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "thai": "กขคงจชซญดตถทธนบปผพฟภมยรลวศสหอ",
    "devanagari": "अआइईउएकखगघचछजटडणतथदधनपफबभमयरलवशषसह",
    "han": "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕医院患者姓名性别年龄检查日期科室编号男女病房号影像",
    "kana": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわんアイウエオカキクケコサシスセソタチツテト山田鈴木佐藤高橋病院",
    "hangul": "가나다라마바사아자차카타파하김이박최정강조윤장임한오서신권황안송류홍병원환자이름",
}
#: Scripts other than Latin and a character that a font must have to be used for it.
SCRIPTS = {name: text[5] for name, text in _RANGES.items()}


def _word(rng):
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(1, 4)))


def _case(rng, text):
    return rng.choice((str.upper, str.upper, str.title, str.title, str.lower))(text)


def name(rng):
    """A person's name in one of the usual layouts."""
    first, last = _word(rng), _word(rng)
    if rng.random() < 0.25:
        pos = rng.randrange(len(last) + 1)
        last = last[:pos] + rng.choice(_ACCENTS) + last[pos:]
    shape = rng.choice(("{l}, {f}", "{l}^{f}", "{f} {l}", "{l} {f} {i}.", "Dr. {l}", "{l},{f} {i}", "{i}. {l}-{f}", "{l}"))
    return _case(rng, shape.format(l=last, f=first, i=rng.choice(string.ascii_letters)))


def date(rng):
    """A date or a time of day."""
    y, m, d = rng.randint(1920, 2030), rng.randint(1, 12), rng.randint(1, 28)
    mon = rng.choice("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec JAN MAR JUN OCT DEC".split())
    shape = rng.choice(("{y}-{m:02}-{d:02}", "{m:02}/{d:02}/{y}", "{d:02}.{m:02}.{y}", "{d}-{mon}-{y}", "{y}{m:02}{d:02}",
                        "{mon} {d} {y}", "{d:02}.{m:02}.{s:02}", "{h:02}:{n:02}:{s:02}", "{h:02}:{n:02}", "{h}:{n:02} PM",
                        "{y}/{m:02}/{d:02} {h:02}:{n:02}"))
    return shape.format(y=y, m=m, d=d, mon=mon, h=rng.randint(0, 23), n=rng.randint(0, 59), s=rng.randint(0, 59))


def number(rng):
    """An identifier, a phone number or a measurement."""
    digits = lambda n: "".join(rng.choice(string.digits) for _ in range(n))  # noqa: E731
    return rng.choice((
        lambda: digits(rng.randint(4, 12)),
        lambda: rng.choice(string.ascii_uppercase) * rng.randint(1, 2) + digits(rng.randint(3, 9)),
        lambda: f"{digits(3)}-{digits(2)}-{digits(4)}",
        lambda: f"({digits(3)}) {digits(3)}-{digits(4)}",
        lambda: f"+{digits(2)} {digits(3)} {digits(rng.randint(4, 7))}",
        lambda: f"{rng.randint(0, 999)}.{digits(rng.randint(1, 2))} {rng.choice(('mm', 'cm', 'cm²', 'ms', '%', 'kV', 'mA', 'dB', 'HU', 'cm/s'))}",
        lambda: f"{rng.choice(_MODALITY_WORDS)} {rng.choice(('', ': ', '= '))}{rng.randint(0, 999)}",
        lambda: f"{rng.randint(1, 99)}/{rng.randint(1, 999)}",
        lambda: f"W {rng.randint(1, 4000)} L {rng.randint(-999, 999)}",
    ))()


def foreign(rng, script):
    """Words of a script; which one does not matter to a finder of strokes."""
    letters = _RANGES[script]
    size = (1, 4) if script in ("han", "kana", "hangul") else (2, 9)
    words = ["".join(rng.choice(letters) for _ in range(rng.randint(*size))) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.4:
        words.append(date(rng) if rng.random() < 0.5 else number(rng))
    return " ".join(words)


def line(rng, script="latin"):
    """One line of text."""
    if script != "latin":
        return foreign(rng, script)
    kind = rng.random()
    if kind < 0.24:
        return name(rng)
    if kind < 0.36:
        return date(rng)
    if kind < 0.54:
        return number(rng)
    if kind < 0.66:
        return f"{rng.choice(_LABELS)}{rng.choice((': ', ' ', ':', '   '))}{rng.choice((name, date, number))(rng)}"
    if kind < 0.74:
        return rng.choice(_PLACES)
    if kind < 0.80:
        return rng.choice("LRAPHFSI") if rng.random() < 0.6 else rng.choice(("LT", "RT", "AP", "CC", "MLO", "R1", "JK", "EN"))
    if kind < 0.90:
        return " ".join(rng.choice(_MODALITY_WORDS) for _ in range(rng.randint(1, 4)))
    if kind < 0.96:
        return "  ".join(rng.choice((name, date, number, lambda r: r.choice("MF")))(rng) for _ in range(rng.randint(2, 3)))
    return "".join(rng.choice(string.printable[:94]) for _ in range(rng.randint(1, 14)))


def short(rng):
    """A word of two to four characters that stands alone."""
    return rng.choice((lambda: rng.choice(_MODALITY_WORDS)[:4], lambda: "".join(rng.choices(string.ascii_uppercase, k=rng.randint(2, 3))),
                       lambda: "".join(rng.choices(string.digits, k=rng.randint(2, 4))), lambda: _case(rng, _word(rng))[:4]))()


def block(rng, script="latin"):
    """Lines of one block: one line, a paragraph, or columns as in a report's table."""
    kind = rng.random()
    if kind < 0.45:
        return [line(rng, script)]
    if kind < 0.85:
        return [line(rng, script) for _ in range(rng.randint(2, 6))]
    width = rng.randint(8, 16)
    return [(rng.choice(_LABELS) if script == "latin" else foreign(rng, script)).ljust(width) + rng.choice((name, date, number))(rng)
            for _ in range(rng.randint(2, 6))]


if __name__ == "__main__":
    demo = random.Random(1)
    for which in ["latin"] * 8 + list(SCRIPTS):
        print("\n".join(block(demo, which)))
