//! Where the dispatcher would publish with its own rights because a caller said so.

use sandbox::Check;

use crate::list::REPLY_SUBJECTS;

/// The first token of every subject of ours.
const OURS: &str = "veritech";

/// Decides whether callers may name reply subjects below these prefixes.
pub fn check(inbox_prefixes: &[String], subject_prefix: &str) -> Check {
    let ours = match subject_prefix {
        "" => OURS.to_owned(),
        prefix => format!("{prefix}.{OURS}"),
    };
    let fix = "set `inbox_prefixes` to prefixes that callers have for their inboxes alone, such as \
               [\"_INBOX\"]";
    if inbox_prefixes.is_empty() {
        return Check::refused(REPLY_SUBJECTS, "no caller could be answered", fix);
    }
    for prefix in inbox_prefixes {
        let is_system = prefix.starts_with('$') || prefix.contains(['*', '>', ' ']);
        if is_system || prefix.is_empty() {
            return Check::refused(
                REPLY_SUBJECTS,
                format!(
                    "callers could have answers published to the server's own subjects: `{prefix}`"
                ),
                fix,
            );
        }
        if is_below(&ours, prefix) || is_below(prefix, &ours) {
            return Check::refused(
                REPLY_SUBJECTS,
                format!(
                    "callers could have answers published as requests: `{prefix}` reaches `{ours}`"
                ),
                fix,
            );
        }
    }
    Check::passed(
        REPLY_SUBJECTS,
        format!("below {} only", inbox_prefixes.join(", ")),
    )
}

/// Returns whether a subject is another one, or below it.
fn is_below(subject: &str, above: &str) -> bool {
    subject
        .strip_prefix(above)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(prefixes: &[&str]) -> Vec<String> {
        prefixes.iter().map(|&prefix| prefix.to_owned()).collect()
    }

    #[test]
    fn inboxes_are_answered() {
        for inboxes in [&["_INBOX"][..], &["_INBOX_ann", "answers.bob"]] {
            assert!(check(&prefixes(inboxes), "").ok);
            assert!(check(&prefixes(inboxes), "staging").ok);
        }
        assert!(check(&prefixes(&["veritechs"]), "").ok);
    }

    #[test]
    fn what_reaches_requests_or_the_server_is_refused() {
        for (inbox, prefix) in [
            ("veritech", ""),
            ("veritech.control", ""),
            ("staging", "staging"),
            ("a", "a.b"),
            ("a.b.veritech.function", "a.b"),
            ("$JS.API", ""),
            ("$SYS", ""),
            (">", ""),
            ("*", ""),
            ("", ""),
        ] {
            let found = check(&prefixes(&["_INBOX", inbox]), prefix);
            assert!(found.is_refusal(), "{inbox}: {found:?}");
        }
        assert!(check(&[], "").is_refusal());
    }
}
