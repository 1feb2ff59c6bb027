//! A developer: one more signature, and a check on every change.

use crate::stranger::Stranger;

const LOG: &str = "\
2026-03-14T09:00:00Z INFO served
2026-03-14T09:00:01Z ERROR ledger: entry 7 is out of balance by 12
2026-03-14T09:00:02Z ERROR ledger: entry 9 is out of balance by 3
2026-03-14T09:00:03Z ERROR ledger: entry 12 is out of balance by 88
";

const SIGNATURE: &str = r#"
  ledger:
    signatures:
      - id: LEDGER_OUT_OF_BALANCE
        pattern: 'ledger: entry \d+ is out of balance'
        policy: escalate
        severity: critical
        summary: "Debits and credits differ"
        examples: ["ledger: entry 7 is out of balance by 12"]
        counterexamples: ["ledger: entry 7 is in balance"]
"#;

#[test]
fn a_developer_adds_a_signature_that_the_check_accepts_and_the_log_raises() {
    let mut stranger = Stranger::new("developer");
    stranger.has("service.log", LOG);
    let init = stranger.types_well("sigcheck init --ci github");
    assert!(init.out.contains("wrote .github/workflows/taxonomy.yml\n"), "{}", init.out);
    stranger.types_well("sigcheck validate --deny warnings");

    let taxonomy = "config/error_signatures.yml";
    let text = std::fs::read_to_string(stranger.path(taxonomy)).unwrap();
    stranger.has(taxonomy, text.trim_end().to_owned() + SIGNATURE);
    stranger.types_well("sigcheck validate --deny warnings");
    let test = stranger.types_well("sigcheck test");
    assert!(test.out.ends_with(" passed, 0 failed\n"), "{}", test.out);
    let replay = stranger.types_well("sigcheck replay service.log");
    stranger.is_served();
    assert!(
        replay.out.contains("LEDGER_OUT_OF_BALANCE: Debits and credits differ"),
        "{}",
        replay.out
    );

    // What the check refuses it says with its place, and how to mend it.
    stranger
        .has(taxonomy, text.trim_end().to_owned() + &SIGNATURE.replace("entry 7", "entry seven"));
    let refused = stranger.types("sigcheck test");
    assert_eq!(refused.code, 1);
    assert!(refused.out.contains("LEDGER_OUT_OF_BALANCE"), "{}", refused.out);
    // What is there is never overwritten.
    let again = stranger.types_well("sigcheck init --ci github");
    assert!(!again.out.contains("wrote "), "{}", again.out);
}
