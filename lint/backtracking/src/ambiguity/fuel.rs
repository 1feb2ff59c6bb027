//! How much may be looked at.

/// Work that may still be done, in states of products visited.
#[derive(Debug)]
pub(crate) struct Fuel(pub(crate) u64);

/// Out of [`Fuel`].
#[derive(Debug)]
pub(crate) struct OutOfFuel;

impl Fuel {
    pub(super) fn burn(&mut self, amount: u64) -> Result<(), OutOfFuel> {
        self.0 = self.0.checked_sub(amount).ok_or(OutOfFuel)?;
        Ok(())
    }
}

pub(super) type Fueled<T> = Result<T, OutOfFuel>;
