//! Small texts, each with what must be left of it.

use super::*;

fn known() -> Known {
    let mut known = Known::new();
    known.name("O'Hara-Müller^Jane^Q");
    known.id("MRN0042137");
    known.phone("(212)555-0142");
    known.address("12 Elm Grove, Larkspur, 94939");
    known.birth_date("19630412");
    known.date("20240305");
    known
}

/// Scrubs with ten days' shift and what [`known`] knows.
fn check(text: &str, want: &str) {
    assert_eq!(Scrubber::shared().scrub(text, &known(), Some(Shift(10))).text, want, "{text}");
}

#[test]
fn what_the_record_knows_goes() {
    check("Jane O'Hara-Muller seen", "[NAME] seen");
    check("OHARA-MUELLER, J. Q.: ok", "[NAME].: ok");
    check("mrn 42137, MRN-0042137", "mrn [ID], [ID]");
    check("rang 212 555 0142 or 5550142", "rang [PHONE] or [PHONE]");
    check("lives in Larkspur 94939", "lives in [ADDRESS]");
    check("nothing here", "nothing here");
}

#[test]
fn what_the_record_knows_goes_with_a_slip_of_the_pen() {
    let mut known = Known::new();
    known.name("KOWALSKI^JAN");
    known.name("Featherstone^Marguerite");
    let check = |text: &str, want: &str| {
        assert_eq!(Scrubber::shared().scrub(text, &known, Some(Shift(10))).text, want, "{text}");
    };
    // One letter other, fewer, more, two turned about; two slips from ten letters on.
    for name in [
        "Kowalsky",
        "KOWALKI",
        "kowallski",
        "Kowaslki",
        "Fetherstome",
        "Margerite",
        "K O W A L S K I",
        "K o w a l s k i",
    ] {
        check(&format!("brain of {name}, 3 mm"), "brain of [NAME], 3 mm");
    }
    check("brain of Kowal\nski, 3 mm", "brain of [NAME], 3 mm");
    check("KOWALSKIJAN T2 FLAIR", "[NAME] T2 FLAIR");
    // Two slips in eight letters, a word of medicine, letters that are a list.
    check("A B C D in kovalsky and featherstones", "A B C D in kovalsky and [NAME]");
}

#[test]
fn known_ids_with_letters_of_scripts_without_blanks_go_whole() {
    let mut known = Known::new();
    known.number("入院8841");
    known.number("受付20240314");
    known.id("患者0012345");
    let check = |text: &str, want: &str| {
        assert_eq!(Scrubber::shared().scrub(text, &known, Some(Shift(10))).text, want, "{text}");
    };
    check("case 入院8841, 入院 8841", "case [ID], [ID]");
    // Its digits alone would be a date, and be shifted.
    check("acc 受付20240314 of 2024-03-14", "acc [ID] of 2024-03-04");
    check("患者0012345", "[ID]");
    check("入院は8840", "入院は8840");
}

#[test]
fn dates_move_and_keep_their_form() {
    check("on 03/14/2024", "on 03/04/2024");
    check("on 3/14/24 and 3/5/2024", "on 3/4/24 and 2/24/2024");
    check("14.03.2024", "04.03.2024");
    check("2024-03-14T10:30:00Z", "2024-03-04T10:30:00Z");
    check("20240314 and 20240314103000", "20240304 and 20240304103000");
    check("March 14, 2024 and 14 MAR 2024", "March 4, 2024 and 4 MAR 2024");
    check("March 2nd, 2024", "February 21st, 2024");
    check("Thursday, March 14, 2024", "Monday, March 4, 2024");
    check("le 14 mars 2024, 14. März 2024, 14 de marzo de 2024", "le 4 mars 2024, 4. März 2024, 4 de marzo de 2024");
    check("31/02/2024 and 20240231", "[DATE] and [DATE]");
    check("DOB 04/12/1963; 12.04.1963", "DOB [DATE]; [DATE]");
    check("March the 14th, 2024", "March the 4th, 2024");
    check("on the third of March 2024, the twenty-first of May", "on the [DATE], the [DATE]");
    check(
        "March the fourth, 2024; May first be seen; the second may help",
        "[DATE]; May first be seen; the second may help",
    );
    check("令和6年3月14日, 2024年3月14日", "令和[DATE]日, 2024年3月4日");
    check("at 14:35", "at [TIME]");
    check("two weeks ago, in 2019", "two weeks ago, in 2019");
}

#[test]
fn labelled_numbers_go_whole() {
    check("accession ACC9912345, MRN: 7712, Acct# B-77812", "accession [ID], MRN: [ID], Acct# [ID]");
    check("acc# 画像77120を見る, ID: 受付9912", "acc# [ID]を見る, ID: [ID]");
    check("ssn 219 09 9941, card 4111 1111 1111 1111, AHV 756.9217.0769.85", "ssn [ID], card [ID], AHV [ID]");
    check("T2 and L4-L5, 12.5 mg/dL, 250000 cells, E11.9", "T2 and L4-L5, 12.5 mg/dL, 250000 cells, E11.9");
}

#[test]
fn names_go_where_the_words_around_say_so() {
    check("Seen by Zemoth Brenz, MD and Dr. Apple", "Seen by [NAME], MD and Dr. [NAME]");
    check("her boyfriend Ketzova came", "her boyfriend [NAME] came");
    check("with Parkinson disease, Foley in place", "with Parkinson disease, Foley in place");
    check("ROE^RICHARD^Q", "[NAME]");
    check("AX T2 FLAIR POST GAD", "AX T2 FLAIR POST GAD");
    check("4 Elm St, Boston, MA 02118", "[ADDRESS]");
    check("455 Labadie Underpass Suite 69", "[ADDRESS]");
    check("moved to 12 Kris Dam, Apt 4", "moved to [ADDRESS]");
    check("2 tablets, Suite 4 of the ward", "2 tablets, Suite 4 of the ward");
    check("93 year old", "[AGE] year old");
    check("ninety-three years old, a ninety day supply", "[AGE] years old, a ninety day supply");
}

#[test]
fn addresses_of_other_orders_go() {
    check("wohnt Bäckergäßchen 4, 72070 Tübingen", "wohnt [ADDRESS]");
    check("Am Markt 3, 07743 Jena; Unter den Linden 77, 10117 Berlin", "[ADDRESS]; [ADDRESS]");
    check("wohnt in 72070 Tübingen", "wohnt in [ADDRESS]");
    check("ZIP 94939, postal code 72070, PLZ: 8001", "ZIP [ADDRESS], postal code [ADDRESS], PLZ: [ADDRESS]");
    check("住所：東京都港区芝公園4-2-8", "住所：[ADDRESS]");
    check("北京市朝阳区建国路88号 复查", "[ADDRESS] 复查");
    check("서울특별시 강남구 테헤란로 152 방문", "[ADDRESS] 방문");
    check("شارع الملك فهد 25", "[ADDRESS]");
    check("employer: Zorgwell", "employer: [ADDRESS]");
    check("Segment 4, 10117 cells", "Segment 4, 10117 cells");
    check("seit 2019 Tübingen", "seit 2019 [ADDRESS]");
    check("左肺区3mm, 尿路2cm", "左肺区3mm, 尿路2cm");
}

#[test]
fn handles_and_addresses_of_networks_go() {
    check("contact @zorgfan_97 there, @mbrenz", "contact [URL] there, [URL]");
    check("HR 60 @rest, lesion @ L4, @L4", "HR 60 @rest, lesion @ L4, @L4");
    check("jane (at) example (dot) org, j at example dot com", "[EMAIL], [EMAIL]");
    check("IP 2001:0db8:85a3::8a2e:0370:7334, MAC 00:1B:44:11:3A:B7", "IP [URL], MAC [URL]");
    check("at a dot plot, ratio 1:2:3:4", "at a dot plot, ratio 1:2:3:4");
}

#[test]
fn dates_of_other_scripts_move() {
    check("بتاريخ 14 مارس 2024 تم", "بتاريخ 4 مارس 2024 تم");
    check("في ١٤ مارس ٢٠٢٤", "في 4 مارس 2024");
    check("14 كانون الثاني 2024", "[DATE]");
    check("２０２４年３月１４日", "2024年3月4日");
    check("14 Mayıs 2024, 14. března 2024, 14 березня 2024", "4 Mayıs 2024, 4. března 2024, 4 березня 2024");
    check("בתאריך 14 במרץ 2024", "בתאריך 4 במרץ 2024");
    check("３ｍｍ の結節", "３ｍｍ の結節");
}
