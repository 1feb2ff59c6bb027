//! The few functions of Hyperscan that finding the first pattern needs.

use std::{
    cell::Cell,
    ffi::CString,
    os::raw::{c_char, c_int, c_uint, c_ulonglong, c_void},
    ptr,
};

use crate::peer::Peer;

enum CompileError {}

#[link(name = "hs")]
unsafe extern "C" {
    fn hs_compile_multi(
        expressions: *const *const c_char,
        flags: *const c_uint,
        ids: *const c_uint,
        elements: c_uint,
        mode: c_uint,
        platform: *const c_void,
        database: *mut *mut c_void,
        error: *mut *mut CompileError,
    ) -> c_int;
    fn hs_free_compile_error(error: *mut CompileError) -> c_int;
    fn hs_alloc_scratch(database: *const c_void, scratch: *mut *mut c_void) -> c_int;
    fn hs_free_scratch(scratch: *mut c_void) -> c_int;
    fn hs_free_database(database: *mut c_void) -> c_int;
    fn hs_scan(
        database: *const c_void,
        data: *const c_char,
        length: c_uint,
        flags: c_uint,
        scratch: *mut c_void,
        on_event: extern "C" fn(c_uint, c_ulonglong, c_ulonglong, c_uint, *mut c_void) -> c_int,
        context: *mut c_void,
    ) -> c_int;
}

const CASELESS: c_uint = 1;
const SINGLEMATCH: c_uint = 8;
const ALLOWEMPTY: c_uint = 16;
const MODE_BLOCK: c_uint = 1;

/// A block-mode database without its UTF-8 modes, which is its fastest.
///
/// Patterns that it refuses are left out, which is to its favour.
pub struct Hyperscan {
    database: *mut c_void,
    scratch: *mut c_void,
}

impl Hyperscan {
    /// Compiles all patterns that Hyperscan accepts.
    #[must_use]
    pub fn compile(patterns: &[String]) -> Option<Self> {
        let texts: Vec<CString> =
            patterns.iter().map(|p| CString::new(p.as_str()).ok()).collect::<Option<_>>()?;
        let all: Vec<c_uint> = (0..c_uint::try_from(patterns.len()).ok()?).collect();
        let database = Self::try_compile(&texts, &all).or_else(|()| {
            let accepted = |id: &c_uint| Self::try_compile(&texts, &[*id]).map(Self::free).is_ok();
            Self::try_compile(&texts, &all.into_iter().filter(accepted).collect::<Vec<_>>())
        });
        Self::with_scratch(database.ok()?)
    }

    fn free(database: *mut c_void) {
        // SAFETY: just compiled, and not kept.
        unsafe { hs_free_database(database) };
    }

    fn try_compile(texts: &[CString], ids: &[c_uint]) -> Result<*mut c_void, ()> {
        let expressions: Vec<_> = ids.iter().map(|&id| texts[id as usize].as_ptr()).collect();
        let flags = vec![CASELESS | SINGLEMATCH | ALLOWEMPTY; ids.len()];
        let (mut database, mut error) = (ptr::null_mut(), ptr::null_mut::<CompileError>());
        // SAFETY: the arrays have `ids.len()` elements and outlive the call.
        let code = unsafe {
            hs_compile_multi(
                expressions.as_ptr(),
                flags.as_ptr(),
                ids.as_ptr(),
                ids.len() as c_uint,
                MODE_BLOCK,
                ptr::null(),
                &raw mut database,
                &raw mut error,
            )
        };
        if code == 0 {
            return Ok(database);
        }
        // SAFETY: on failure Hyperscan hands over an error to be freed.
        unsafe { hs_free_compile_error(error) };
        Err(())
    }

    fn with_scratch(database: *mut c_void) -> Option<Self> {
        let mut scratch = ptr::null_mut();
        // SAFETY: the database was just compiled.
        let code = unsafe { hs_alloc_scratch(database, &raw mut scratch) };
        (code == 0).then_some(Self { database, scratch })
    }
}

impl Drop for Hyperscan {
    fn drop(&mut self) {
        // SAFETY: both are ours and used nowhere else.
        unsafe {
            hs_free_scratch(self.scratch);
            hs_free_database(self.database);
        }
    }
}

impl Peer for Hyperscan {
    fn first(&self, line: &str) -> Option<usize> {
        extern "C" fn keep_first(
            id: c_uint,
            _: c_ulonglong,
            _: c_ulonglong,
            _: c_uint,
            context: *mut c_void,
        ) -> c_int {
            // SAFETY: the context is the cell that `first` passes below.
            let first = unsafe { &*context.cast::<Cell<c_uint>>() };
            first.set(first.get().min(id));
            0
        }
        let first = Cell::new(c_uint::MAX);
        // SAFETY: `Hyperscan` is not `Sync`, so its scratch has one user.
        unsafe {
            hs_scan(
                self.database,
                line.as_ptr().cast(),
                line.len() as c_uint,
                0,
                self.scratch,
                keep_first,
                ptr::from_ref(&first).cast_mut().cast(),
            );
        }
        (first.get() != c_uint::MAX).then(|| first.get() as usize)
    }
}
