//! What an alert that was taken back had to tell, told by the next.

use super::{decision::Raised, undo::Owed};

impl Owed {
    pub(super) fn of(raised: &Raised) -> Self {
        Self {
            reason: Some(raised.reason.clone()),
            count: raised.count.saturating_sub(1),
            suppressed: raised.suppressed,
            first_seen: raised.first_seen,
            samples: raised.samples.clone(),
        }
    }

    /// What is raised now together with what was owed.
    pub(super) fn told_by(self, raised: Raised) -> Raised {
        let mut samples = self.samples;
        let new = raised.samples.into_iter().filter(|sample| !samples.contains(sample));
        let new: Vec<_> = new.collect();
        samples.extend(new);
        Raised {
            count: raised.count + self.count,
            suppressed: raised.suppressed + self.suppressed,
            first_seen: raised.first_seen.min(self.first_seen),
            samples,
            ..raised
        }
    }
}
