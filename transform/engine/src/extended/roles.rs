//! The words that say what stands before or after them, and which are variable
//! themselves: one list a role, each with its reason.

use super::key::{Key, MAX_BYTES, fold, key};

/// What a word may be, one bit a role; [`ANY`] of every word.
pub(super) type Roles = u32;

/// What follows it as `word=value` or `"word": value` says what went wrong, and
/// stays. Other values are variables.
pub(super) const KEEPING: Roles = 1;
/// A unit: what it measures is one variable with its number.
pub(super) const UNIT: Roles = 1 << 1;
/// A part of a date, not of the error.
pub(super) const DAY: Roles = 1 << 2;
pub(super) const MONTH: Roles = 1 << 3;
/// A zone of time, or half of a day: they follow a time.
pub(super) const ZONE: Roles = 1 << 4;
/// The end of a host's or a file's name; ends of code's names (`java.util`) are not here.
pub(super) const SUFFIX: Roles = 1 << 5;
/// What follows `user` or `for` and is nobody's name.
pub(super) const NOBODY: Roles = 1 << 6;
/// `… user NAME` names one after these, and says `user unknown` without.
pub(super) const BEFORE_USER: Roles = 1 << 7;
/// `… for NAME` names a user after these.
pub(super) const BEFORE_FOR: Roles = 1 << 8;
/// `… 4711 (NAME)` names a program after these.
pub(super) const PROCESS: Roles = 1 << 9;
/// The number after it says what went wrong, and stays.
pub(super) const BEFORE_CODE: Roles = 1 << 10;
/// What logs call their levels, in the header of a line.
pub(super) const LEVEL: Roles = 1 << 11;
pub(super) const USER: Roles = 1 << 12;
pub(super) const FOR: Roles = 1 << 13;
pub(super) const EXIT: Roles = 1 << 14;
pub(super) const STATUS: Roles = 1 << 15;
pub(super) const HTTP: Roles = 1 << 16;
/// `type "x"` names a thing of somebody's schema, unlike `error "x"`.
pub(super) const TYPE: Roles = 1 << 17;
/// `result 'timeout'` says what went wrong, though `result=5` does not.
pub(super) const RESULT: Roles = 1 << 18;
/// An address without a dot or digit.
pub(super) const LOCALHOST: Roles = 1 << 19;
/// The scheme of a name with colons that no `//` follows.
pub(super) const URN: Roles = 1 << 20;
/// What containerd writes between time and message.
pub(super) const STREAM: Roles = 1 << 21;
/// That there is a word at all.
pub(super) const ANY: Roles = 1 << 31;

pub(super) const DATE: Roles = DAY | MONTH;

const LISTS: [(Roles, &str); 22] = [
    (
        KEEPING,
        "action cause code desc description detail details err errno error error_code errorcode \
         event exception kind level lvl message method msg op operation phase reason severity \
         state status type",
    ),
    (
        UNIT,
        "b bits byte bytes d day days g gb gbps ghz gib h hour hours hr hrs hz k kb kbps khz kib \
         m mb mbps mhz mib microsecond microseconds millis millisecond milliseconds min mins \
         minute minutes ms msec nanosecond nanoseconds ns pb percent s sec second seconds secs t \
         tb tib us usec week weeks",
    ),
    (DAY, "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday"),
    (
        MONTH,
        "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june \
         july august september october november december",
    ),
    (ZONE, "am bst cdt cest cet cst edt est gmt ist jst mdt mst pdt pm pst utc"),
    (
        SUFFIX,
        "app bak bin biz bz2 c cfg cjs class cloud cluster cnf com conf cpp crt css csv dat dev \
         dll edu exe gif gov h hpp htm html info ini internal jar java jks jpeg jpg json jsx key \
         lan local localdomain lock log mjs mount net org out pdf pem php pid png properties pyc \
         scala scope service slice sock socket sql sqlite svc svg tar target tgz timer tmp toml \
         tsx txt war xml yaml yml zip zst",
    ),
    (
        NOBODY,
        "account agent and at auth authentication by can cannot could credentials data did do \
         does error errors for from group groups had has id illegal in input invalid is limit \
         logged login logout may mode must name names not on or password permission permissions \
         process profile request role roles session should table to unknown was will with without \
         would",
    ),
    (BEFORE_USER, "as authenticated authenticating by for from illegal invalid of such to unknown"),
    (BEFORE_FOR, "authentication login password publickey"),
    (PROCESS, "pid proc process task thread tid"),
    (BEFORE_CODE, "code errno exitcode signal sqlstate"),
    (
        LEVEL,
        "alert crit critical debug emerg err error fatal info log notice severe trace verbose \
         warn warning",
    ),
    (USER, "user username"),
    (FOR, "for"),
    (EXIT, "exit"),
    (STATUS, "status"),
    (HTTP, "http"),
    (TYPE, "type"),
    (RESULT, "result"),
    (LOCALHOST, "localhost"),
    (URN, "arn urn"),
    (STREAM, "stderr stdout"),
];

/// The roles of a word, in whatever case. A name with a role has at most
/// [`MAX_BYTES`] bytes.
#[inline]
pub(super) fn roles(symbols: &[u8], start: usize, end: usize) -> Roles {
    key(symbols, start, end).map_or(ANY, roles_of)
}

/// The same by the word's key.
#[inline]
pub(super) fn roles_of(word: Key) -> Roles {
    ANY | TABLE.get(word)
}

static TABLE: Table = Table::of(&LISTS);

/// All words with a role, by hash: what is in no list is told by one look at a slot
/// in most cases.
struct Table {
    /// The index of a word and one, from where its hash says on; 0 of none.
    slots: [u16; SLOTS],
    words: [(Key, Roles); MAX_WORDS],
}

const SLOTS: usize = 2048;
const MAX_WORDS: usize = 400;

impl Table {
    const fn of(lists: &[(Roles, &str)]) -> Self {
        let mut table = Self { slots: [0; SLOTS], words: [([0; 2], 0); MAX_WORDS] };
        let (mut list, mut length) = (0, 0);
        while list < lists.len() {
            let (role, words) = (lists[list].0, lists[list].1.as_bytes());
            let mut start = 0;
            while start < words.len() {
                let mut end = start;
                while end < words.len() && words[end] != b' ' {
                    end += 1;
                }
                assert!(end - start <= MAX_BYTES);
                let word = fold(words.split_at(end).0.split_at(start).1);
                let slot = table.slot(word);
                if table.slots[slot] == 0 {
                    table.words[length].0 = word;
                    length += 1;
                    table.slots[slot] = length as u16;
                }
                table.words[table.slots[slot] as usize - 1].1 |= role;
                start = end + 1;
            }
            list += 1;
        }
        table
    }

    fn get(&self, word: Key) -> Roles {
        match self.slots[self.slot(word)] {
            0 => 0,
            index => self.words[usize::from(index) - 1].1,
        }
    }

    /// The slot of a word, or the empty one where it would be.
    const fn slot(&self, word: Key) -> usize {
        let mut slot = hash(word);
        loop {
            let index = self.slots[slot] as usize;
            if index == 0 {
                return slot;
            }
            let found = self.words[index - 1].0;
            if found[0] == word[0] && found[1] == word[1] {
                return slot;
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

const fn hash(word: Key) -> usize {
    let mixed = (word[0] ^ word[1].rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(word: &str) -> Roles {
        roles(word.as_bytes(), 0, word.len())
    }

    #[test]
    fn a_word_has_the_roles_of_all_its_lists() {
        for (word, expected) in [
            ("error", KEEPING | NOBODY | LEVEL),
            ("STATUS", KEEPING | STATUS),
            ("May", MONTH | NOBODY),
            ("type", KEEPING | TYPE),
            ("for", NOBODY | BEFORE_USER | FOR),
            ("bz2", SUFFIX),
            ("upstream", 0),
            ("internationalization", 0),
        ] {
            assert_eq!(of(word), ANY | expected, "{word}");
        }
    }

    #[test]
    fn every_word_is_found() {
        for (role, words) in LISTS {
            for word in words.split(' ') {
                assert_ne!(of(word) & role, 0, "{word}");
            }
        }
    }
}
