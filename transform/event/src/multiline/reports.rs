//! Reports of several lines, each of which is known by how it begins: what runtimes,
//! sanitizers and the kernel write when they give up.

use memchr::{memchr, memmem};

/// Who writes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    Sanitizer,
    /// The one that ends in a rule.
    ThreadSanitizer,
    Kernel,
    Erlang,
    Elixir,
    Flutter,
    Lua,
    Swift,
    /// Objective-C.
    Cocoa,
    /// A Java virtual machine that crashes.
    Jvm,
    /// Python's `faulthandler`.
    Python,
    /// C's library, of old with a backtrace and the map of its memory.
    Glibc,
}

/// How the lines of a report begin.
struct Form {
    report: Report,
    /// The first.
    heads: &'static [&'static [u8]],
    /// Those that belong to it, besides what is set in.
    lines: &'static [&'static [u8]],
    /// The last, where it is known; it is one of `lines`.
    ends: &'static [&'static [u8]],
}

const FORMS: [Form; 12] = [
    Form {
        report: Report::Sanitizer,
        heads: &[b"=="],
        lines: &[
            b"==",
            b"READ of ",
            b"WRITE of ",
            b"0x",
            b"freed by ",
            b"previously allocated ",
            b"allocated by ",
            b"SUMMARY: ",
            b"Shadow byte",
            b"=>0x",
            b"Address 0x",
            b"HINT: ",
            b"Direct leak of ",
            b"Indirect leak of ",
            b"Thread T",
            b"AddressSanitizer",
            b"MemorySanitizer",
            b"LeakSanitizer",
            b"Objects leaked above:",
            b"WARNING: ThreadSanitizer: ",
        ],
        ends: &[],
    },
    Form {
        report: Report::ThreadSanitizer,
        heads: &[b"WARNING: ThreadSanitizer: "],
        lines: &[b"SUMMARY: ", b"=="],
        ends: &[b"=="],
    },
    Form {
        report: Report::Kernel,
        heads: &[
            b"BUG: ",
            b"Oops: ",
            b"Oops[",
            b"kernel BUG at ",
            b"Kernel panic - not syncing",
            b"general protection fault",
            b"Unable to handle kernel ",
            b"WARNING: CPU: ",
            b"Internal error: ",
            b"INFO: task ",
            b"INFO: rcu",
            b"rcu: INFO: ",
            b"watchdog: BUG: ",
            b"NMI watchdog: ",
            b"divide error: ",
            b"invalid opcode: ",
            b"stack segment: ",
        ],
        lines: &[
            b"Oops: ",
            b"invalid opcode: ",
            b"#PF: ",
            b"PGD ",
            b"IP: ",
            b"CPU: ",
            b"Hardware name: ",
            b"Workqueue: ",
            b"RIP: ",
            b"RIP  [",
            b"RSP: ",
            b"RSP <",
            b"EIP: ",
            b"Code: ",
            b"RAX: ",
            b"RBX: ",
            b"RCX: ",
            b"RDX: ",
            b"RSI: ",
            b"RBP: ",
            b"R08: ",
            b"R10: ",
            b"R13: ",
            b"FS: ",
            b"GS: ",
            b"CS: ",
            b"DS: ",
            b"CR0: ",
            b"CR2: ",
            b"DR0: ",
            b"DR3: ",
            b"PKRU: ",
            b"Call Trace:",
            b"Call trace:",
            b"<TASK>",
            b"</TASK>",
            b"<IRQ>",
            b"</IRQ>",
            b"<EOI>",
            b"Modules linked in:",
            b"Process ",
            b"Stack:",
            b"Mem abort info:",
            b"Data abort info:",
            b"user pgtable:",
            b"swapper pgtable:",
            b"pstate: ",
            b"pc : ",
            b"lr : ",
            b"sp : ",
            b"x29: ",
            b"x26: ",
            b"x23: ",
            b"x20: ",
            b"x17: ",
            b"x14: ",
            b"x11: ",
            b"x8 : ",
            b"x5 : ",
            b"x2 : ",
            b"task:",
            b"\"echo 0 > /proc/sys/kernel/",
            b"Kernel Offset: ",
            b"Not tainted ",
            b"Tainted: ",
            b"---[ end ",
            b"? ",
        ],
        ends: &[b"---[ end "],
    },
    Form {
        report: Report::Erlang,
        heads: &[
            b"=ERROR REPORT====",
            b"=CRASH REPORT====",
            b"=SUPERVISOR REPORT====",
            b"=WARNING REPORT====",
        ],
        lines: &[b"** ", b"{", b"[{", b"Error in process ", b"exception "],
        ends: &[],
    },
    Form {
        report: Report::Elixir,
        heads: &[b"** ("],
        lines: &[
            b"Last message",
            b"State: ",
            b"Function: ",
            b"Client ",
            b"Process Label: ",
            b"Initial Call: ",
            b"Ancestors: ",
        ],
        ends: &[],
    },
    Form {
        report: Report::Flutter,
        heads: &["══╡ EXCEPTION CAUGHT BY ".as_bytes(), "══╡ ASSERTION CAUGHT BY ".as_bytes()],
        lines: &[],
        ends: &[],
    },
    Form { report: Report::Lua, heads: &[b"stack traceback:"], lines: &[b"coroutine "], ends: &[] },
    Form {
        report: Report::Swift,
        heads: &[
            b"*** Program crashed: ",
            "💣 Program crashed: ".as_bytes(),
            b"Current stack trace:",
        ],
        lines: &[
            b"Thread ",
            b"Registers:",
            b"Images (",
            b"Backtrace took ",
            b"Crash took ",
            b"Illegal instruction",
            b"Trace/breakpoint trap",
            b"Aborted",
        ],
        ends: &[],
    },
    Form {
        report: Report::Cocoa,
        heads: &[b"*** First throw call stack:", b"*** Terminating app due to "],
        lines: &[b"*** First throw call stack:", b"(", b")", b"libc++abi"],
        ends: &[],
    },
    Form {
        report: Report::Jvm,
        heads: &[b"# A fatal error has been detected by ", b"# There is insufficient memory for "],
        lines: &[b"#"],
        ends: &[],
    },
    Form {
        report: Report::Python,
        heads: &[b"Fatal Python error: "],
        lines: &[
            b"Current thread ",
            b"Thread 0x",
            b"Extension modules: ",
            b"Python runtime state: ",
            b"<no Python frame>",
            b"Segmentation fault",
            b"Aborted",
        ],
        ends: &[],
    },
    Form {
        report: Report::Glibc,
        heads: &[
            b"*** Error in `",
            b"*** glibc detected",
            b"*** stack smashing ",
            b"*** buffer overflow ",
            b"double free or corruption",
            b"free(): ",
            b"malloc(): ",
            b"malloc_consolidate(): ",
            b"realloc(): ",
            b"munmap_chunk(): ",
            b"corrupted ",
            b"terminate called ",
            b"libc++abi: terminating ",
        ],
        lines: &[b"======= ", b"Aborted", b"Segmentation fault"],
        ends: &[],
    },
];

/// Which bytes the first lines of reports begin with: most lines with none.
const BEGINS: [bool; 256] = {
    let mut begins = [false; 256];
    let mut form = 0;
    while form < FORMS.len() {
        let mut head = 0;
        while head < FORMS[form].heads.len() {
            begins[FORMS[form].heads[head][0] as usize] = true;
            head += 1;
        }
        form += 1;
    }
    begins
};

impl Report {
    /// The report that begins with a line.
    #[inline]
    pub(super) fn that_begins(line: &[u8]) -> Option<Self> {
        let first = *line.first()?;
        if BEGINS[usize::from(first)]
            && let Some(report) = Self::by_head(line)
        {
            return Some(report);
        }
        if line.ends_with(b"' failed.") && memmem::find(line, b": Assertion `").is_some() {
            return Some(Self::Glibc);
        }
        is_undefined_behaviour(line).then_some(Self::Sanitizer)
    }

    fn by_head(line: &[u8]) -> Option<Self> {
        let form = FORMS.iter().find(|form| begins_with_one(line, form.heads))?;
        // Two marks begin much.
        let is_one = form.report != Self::Sanitizer
            || is_rule(line, b"=")
            || memmem::find(line, b"Sanitizer: ").is_some();
        is_one.then_some(form.report)
    }

    /// Whether a line belongs to the report.
    pub(super) fn goes_on(self, line: &[u8]) -> bool {
        begins_with_one(line, self.form().lines) && !self.is_of_another(line)
            || match self {
                Self::Kernel => is_function_of_kernel(line),
                Self::Swift => is_frame_of_swift(line) || is_register(line),
                Self::Glibc => is_symbol(line) || is_mapping(line),
                // Sentences, between two rules; who begins otherwise is another.
                Self::Flutter => !matches!(line, [b'0'..=b'9' | b'[' | b'<' | b'{', ..]),
                _ => false,
            }
    }

    /// Whether a line that looks like one of its own begins another.
    fn is_of_another(self, line: &[u8]) -> bool {
        self == Self::Erlang && line.starts_with(b"** (")
    }

    /// Whether a line is its last.
    pub(super) fn is_ended_by(self, line: &[u8]) -> bool {
        match self {
            Self::Flutter => is_rule(line, "═".as_bytes()),
            _ => begins_with_one(line, self.form().ends),
        }
    }

    fn form(self) -> &'static Form {
        // Each has one.
        FORMS.iter().find(|form| form.report == self).unwrap_or(&FORMS[0])
    }
}

/// Whether a text is of a report of the kernel's.
pub(super) fn is_of_kernel(text: &[u8]) -> bool {
    Report::that_begins(text) == Some(Report::Kernel)
        || Report::Kernel.goes_on(text)
        || text.first() == Some(&b' ') && Report::Kernel.goes_on(text.trim_ascii_start())
}

fn begins_with_one(line: &[u8], starts: &[&[u8]]) -> bool {
    let first = line.first();
    starts.iter().any(|start| start.first() == first && line.starts_with(start))
}

/// Nothing but one mark again and again, across a page.
pub(super) fn is_rule(line: &[u8], mark: &[u8]) -> bool {
    line.len() >= 18 * mark.len() && line.chunks(mark.len()).all(|chunk| chunk == mark)
}

/// `/src/cart.cc:12:3: runtime error: signed integer overflow: …`.
fn is_undefined_behaviour(line: &[u8]) -> bool {
    let Some(end) = memchr(b' ', line) else { return false };
    line[..end].ends_with(b":")
        && line[end + 1..].starts_with(b"runtime error: ")
        && end >= 2
        && line[end - 2].is_ascii_digit()
}

/// `do_page_fault+0x12f/0x446`, `? total+0x12/0x40 [shop]`, `[<c0102f40>] f+0x1/0x2`.
fn is_function_of_kernel(line: &[u8]) -> bool {
    memmem::find(line, b"+0x").is_some_and(|at| memchr(b'/', &line[at..]).is_some())
}

/// `3 [ra] 0x000055d0c0ffee00 main + 12 in shop at /app/main.swift:3:5`.
fn is_frame_of_swift(line: &[u8]) -> bool {
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = line[digits..].trim_ascii_start();
    digits > 0
        && digits <= 4
        && line.get(digits) == Some(&b' ')
        && (rest.starts_with(b"[")
            || rest.starts_with(b"0x")
            || memmem::find(rest, b" 0x").is_some())
}

/// `rax 0x0000000000000001 1`.
fn is_register(line: &[u8]) -> bool {
    memchr(b' ', &line[..line.len().min(9)]).is_some_and(|end| line[end + 1..].starts_with(b"0x"))
}

/// `/app/shop(total+0x12)[0x55d0c0ffee00]`.
pub(super) fn is_symbol(line: &[u8]) -> bool {
    let ([b'/', .., b']'] | [b'.', b'/', .., b']']) = line else { return false };
    memmem::rfind(line, b"[0x").is_some_and(|at| line[..at].trim_ascii_end().ends_with(b")"))
}

/// `00400000-00401000 r-xp 00000000 08:01 131 /app/shop`.
fn is_mapping(line: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let from = digits(line);
    let Some(rest) = line[from..].strip_prefix(b"-") else { return false };
    let rest = &rest[digits(rest)..];
    from >= 8 && matches!(rest, [b' ', b'r' | b'-', b'w' | b'-', ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_known_by_its_first_line() {
        for (line, expected) in [
            ("==4711==ERROR: AddressSanitizer: heap-use-after-free", Some(Report::Sanitizer)),
            ("/src/cart.cc:12:3: runtime error: signed overflow", Some(Report::Sanitizer)),
            ("==================", Some(Report::Sanitizer)),
            ("panic: runtime error: index out of range", None),
            ("== 5 tests ==", None),
            ("a.c:3: total: Assertion `n > 0' failed.", Some(Report::Glibc)),
            ("order 'x' failed.", None),
            ("WARNING: CPU: 0 PID: 9 at net/core/dev.c:100", Some(Report::Kernel)),
            ("=CRASH REPORT==== 14-Mar-2026::09:00:00 ===", Some(Report::Erlang)),
            ("", None),
        ] {
            assert_eq!(Report::that_begins(line.as_bytes()), expected, "{line}");
        }
    }
}
