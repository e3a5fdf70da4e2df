//! HL7 v2: bytes into messages, messages into rows; every byte is accounted for and every message has its row.
#![no_main]

use voxmill::read::hl7;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut walk = hl7::messages(data);
    for message in walk.by_ref().flatten() {
        let mut own = 0;
        hl7::rows(&message, 0, &mut |row| own += usize::from(row.table.name == "messages"));
        assert_eq!(own, 1);
    }
    let account = walk.account();
    let sum = account.message_bytes + account.envelope_bytes + account.blank_bytes + account.stray_bytes;
    assert_eq!(sum, data.len() as u64, "{account:?}");
});
