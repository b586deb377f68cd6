//! Takes secrets out of what is shown.

/// Returns a server's URL without the name and the password in it.
///
/// The scheme may be missing, as NATS clients allow. Whatever stands before
/// the last `@` is taken for a secret, so that a URL with mistakes in it gives
/// nothing away either.
pub(crate) fn url(url: &str) -> String {
    let Some((secret, host)) = url.rsplit_once('@') else {
        return url.to_owned();
    };
    match secret.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => format!("{scheme}://[redacted]@{host}"),
        _ => format!("[redacted]@{host}"),
    }
}

fn is_scheme(text: &str) -> bool {
    ["nats", "tls", "ws", "wss"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_passwords_are_taken_out_of_urls() {
        for (whole, shown) in [
            ("nats://host:4222", "nats://host:4222"),
            ("host:4222", "host:4222"),
            (
                "nats://ada:lovelace@host:4222",
                "nats://[redacted]@host:4222",
            ),
            ("tls://token@host", "tls://[redacted]@host"),
            ("ada:lovelace@host:4222", "[redacted]@host:4222"),
            ("nats://ada:l@ve/lace@host", "nats://[redacted]@host"),
            ("lovelace://x@host", "[redacted]@host"),
        ] {
            assert_eq!(url(whole), shown);
        }
    }
}
