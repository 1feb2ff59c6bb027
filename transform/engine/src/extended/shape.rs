//! The shapes of what is no part of the error: the table of rules, in the order
//! in which they are tried.

/// What takes a stretch of a text out of its canonical text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// What stands before the message.
    Header,
    /// `[…]` with a digit, at the very beginning.
    LeadingGroup,
    /// A quoted text without a space.
    Quoted,
    /// A number, or a name with one, and its sign.
    Signed,
    /// An address with `::`, or in brackets.
    Ipv6,
    /// `scheme:/…`
    Url,
    /// `arn:…`, `urn:…`
    Urn,
    /// `C:\…`
    Drive,
    /// A long word with a digit, then `+`, `/` or `=`.
    Base64,
    /// The value of `key=value`, or of a key of JSON.
    Value,
    /// A number, path, address, host, file, or a name with a digit.
    Variable,
    /// A word after `for user`, `password for` and the like.
    User,
    /// The name of a program after its number.
    Process,
    /// What a number counts.
    Unit,
    /// The name of a day, month or zone.
    Date,
}

impl Shape {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Self; 15] = [
        Self::Header,
        Self::LeadingGroup,
        Self::Quoted,
        Self::Signed,
        Self::Ipv6,
        Self::Url,
        Self::Urn,
        Self::Drive,
        Self::Base64,
        Self::Value,
        Self::Variable,
        Self::User,
        Self::Process,
        Self::Unit,
        Self::Date,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Why it is no part of the error, and where that ends.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Header => (
                "header",
                "time, level, host, process and logger say when and where; \
                 only after a time, or a level before a colon, since a message may begin with any word",
            ),
            Self::LeadingGroup => (
                "leading group",
                "an instance, thread or number; without a digit it may name the kind of error",
            ),
            Self::Quoted => (
                "quoted",
                "names a thing; with a space it is a text that may say what went wrong, and so may \
                 a word after `error`, `reason` and the like",
            ),
            Self::Signed => ("signed", "its sign belongs to the number"),
            Self::Ipv6 => ("IPv6", "an address; a single colon in brackets may be a clause"),
            Self::Url => ("URL", "an address, to the next space, quote, bracket or comma"),
            Self::Urn => ("URN", "names a resource"),
            Self::Drive => ("drive", "a path of Windows; a letter and a colon alone are a label"),
            Self::Base64 => ("base64", "a token; a shorter word is a word"),
            Self::Value => (
                "value",
                "whom it hit; but after `error=`, `code=`, `status=` and the like what went wrong",
            ),
            Self::Variable => (
                "variable",
                "an id, count, path, address or host; names of errors stay, and codes after `code`, \
                 `errno`, `signal`, `exit status` or `HTTP`",
            ),
            Self::User => ("user", "whom it hit; not a word that goes on with the sentence"),
            Self::Process => ("process", "whom it hit; only after `process 4711` and the like"),
            Self::Unit => ("unit", "1.5 s and 1500 ms are both a duration"),
            Self::Date => ("date", "when; only beside a variable or another part of a date"),
        }
    }
}
