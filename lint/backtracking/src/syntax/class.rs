//! Character classes, asked one character at a time.

/// A set of characters as a pattern writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Class {
    pub(crate) items: Vec<Item>,
    pub(crate) negated: bool,
    /// Whether case is ignored.
    pub(crate) fold: bool,
}

/// A part of a [`Class`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Item {
    /// Both ends included.
    Range(char, char),
    /// `\d`, `\w`, `\s`, a POSIX class or a Unicode property.
    Named(Named),
    /// `\D`, `\W`, `\S`, `[:^alpha:]`, `\P{…}`.
    NotNamed(Named),
    /// A class inside a class.
    Nested(Class),
    /// What all of them hold (`&&`).
    Intersection(Vec<Class>),
}

/// Classes that have a name rather than a list of members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Named {
    Digit { ascii: bool },
    Word { ascii: bool },
    Space { ascii: bool },
    HorizontalSpace,
    VerticalSpace,
    Alphabetic { ascii: bool },
    Alphanumeric { ascii: bool },
    Upper { ascii: bool },
    Lower { ascii: bool },
    Numeric,
    Punctuation,
    Graphic,
    Printable,
    Control,
    HexDigit,
    Ascii,
}

impl Class {
    /// The class of one character.
    pub(crate) fn literal(c: char, fold: bool) -> Class {
        Class { items: vec![Item::Range(c, c)], negated: false, fold }
    }

    /// The class of one item.
    pub(crate) fn of(item: Item, fold: bool) -> Class {
        Class { items: vec![item], negated: false, fold }
    }

    /// Every character but these.
    pub(crate) fn all_but(excluded: &[char]) -> Class {
        let items = excluded.iter().map(|&c| Item::Range(c, c)).collect();
        Class { items, negated: true, fold: false }
    }

    pub(crate) fn contains(&self, c: char) -> bool {
        let listed = self.lists(c) || self.fold && case_variants(c).any(|v| self.lists(v));
        listed != self.negated
    }

    fn lists(&self, c: char) -> bool {
        self.items.iter().any(|item| item.contains(c))
    }

    /// Calls `visit` with both ends of every range.
    pub(crate) fn ends(&self, visit: &mut impl FnMut(char)) {
        for item in &self.items {
            match item {
                Item::Range(low, high) => {
                    visit(*low);
                    visit(*high);
                }
                Item::Nested(class) => class.ends(visit),
                Item::Intersection(classes) => classes.iter().for_each(|class| class.ends(visit)),
                Item::Named(_) | Item::NotNamed(_) => {}
            }
        }
    }
}

impl Item {
    fn contains(&self, c: char) -> bool {
        match self {
            Item::Range(low, high) => (*low..=*high).contains(&c),
            Item::Named(named) => named.contains(c),
            Item::NotNamed(named) => !named.contains(c),
            Item::Nested(class) => class.contains(c),
            Item::Intersection(classes) => classes.iter().all(|class| class.contains(c)),
        }
    }
}

impl Named {
    pub(crate) fn contains(self, c: char) -> bool {
        let wide = |ascii: bool| !ascii || c.is_ascii();
        match self {
            Named::Digit { ascii } => wide(ascii) && is_decimal(c),
            Named::Word { ascii } => wide(ascii) && (c.is_alphanumeric() || c == '_'),
            Named::Space { ascii } => {
                wide(ascii) && (c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c) && !ascii)
            }
            Named::HorizontalSpace => matches!(c, '\t' | ' ' | '\u{a0}' | '\u{2000}'..='\u{200a}'),
            Named::VerticalSpace => {
                matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
            }
            Named::Alphabetic { ascii } => wide(ascii) && c.is_alphabetic(),
            Named::Alphanumeric { ascii } => wide(ascii) && c.is_alphanumeric(),
            Named::Upper { ascii } => wide(ascii) && c.is_uppercase(),
            Named::Lower { ascii } => wide(ascii) && c.is_lowercase(),
            Named::Numeric => c.is_numeric(),
            Named::Punctuation => c.is_ascii_punctuation(),
            Named::Graphic => c.is_ascii_graphic(),
            Named::Printable => c.is_ascii_graphic() || c == ' ',
            Named::Control => c.is_control(),
            Named::HexDigit => c.is_ascii_hexdigit(),
            Named::Ascii => c.is_ascii(),
        }
    }
}

/// Whether `c` is a decimal digit: general category Nd, as far as one
/// representative of each block tells (the alphabet samples no others).
fn is_decimal(c: char) -> bool {
    c.is_ascii_digit()
        || matches!(c, '\u{660}'..='\u{669}' | '\u{966}'..='\u{96f}' | '\u{ff10}'..='\u{ff19}')
}

/// The other characters that `c` equals when case is ignored.
fn case_variants(c: char) -> impl Iterator<Item = char> {
    let mut lower = c.to_lowercase();
    let mut upper = c.to_uppercase();
    let lower = if lower.len() == 1 { lower.next() } else { None };
    let upper = if upper.len() == 1 { upper.next() } else { None };
    [lower, upper].into_iter().flatten().filter(move |v| *v != c)
}
