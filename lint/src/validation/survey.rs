//! All that `validate` does, for the fuzzer.

use signatures_configuration::source_of_bytes;

use super::{Wanted, check, fixed, read_file::ReadFile};
use crate::{config::Config, finding::Checked, report::ReportFormat};

/// Does to a taxonomy and alert settings, given as bytes, all that
/// `sigcheck validate` does: reads, looks, mends, prints in every format.
pub fn survey(taxonomy: &[u8], alerts: &[u8]) {
    let given = [("taxonomy.yml", taxonomy), ("alerts.yml", alerts)];
    let read = |(name, bytes): (&str, &[u8])| source_of_bytes(name, bytes.to_vec()).ok();
    let sources = given.into_iter().filter(|(_, bytes)| !bytes.is_empty()).filter_map(read);
    let files: Vec<_> = sources.map(ReadFile::new).collect();
    let config = Config::default();
    let found = check(&files, &config);
    let mended: Vec<_> = files
        .iter()
        .zip(&found)
        .filter_map(|(file, findings)| fixed(file, findings, Wanted::All))
        .map(|(file, _)| file)
        .collect();
    check(&mended, &config);
    let checked: Vec<_> = files
        .iter()
        .zip(&found)
        .map(|(file, findings)| Checked { source: &file.source, findings })
        .collect();
    for format in <ReportFormat as clap::ValueEnum>::value_variants() {
        let mut out = Vec::new();
        format.print(&checked, &mut out).expect("a vector takes everything");
        assert!(str::from_utf8(&out).is_ok(), "{format:?} is text");
    }
}
