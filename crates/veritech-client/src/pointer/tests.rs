//! Pointers as texts, in order, and of any length.

use proptest::prelude::*;

use super::*;

fn pointer(text: &str) -> Pointer {
    text.parse().expect("a pointer")
}

#[test]
fn pointers_are_read_and_written_as_the_rfc_has_them() {
    for (text, tokens) in [
        ("", vec![]),
        ("/", vec![""]),
        ("/foo/0", vec!["foo", "0"]),
        ("/a~1b/m~0n/~01", vec!["a/b", "m~n", "~1"]),
        ("/ /\"/é", vec![" ", "\"", "é"]),
    ] {
        assert_eq!(pointer(text).tokens(), tokens);
        assert_eq!(pointer(text).to_string(), text);
    }
    assert_eq!("foo".parse::<Pointer>(), Err(InvalidPointer::NoSlash));
    for text in ["/~", "/~2", "/a~/b"] {
        assert_eq!(text.parse::<Pointer>(), Err(InvalidPointer::LoneTilde));
    }
}

#[test]
fn places_are_in_the_order_of_a_document() {
    let ordered = ["", "/2", "/2/x", "/10", "/010", "/a", "/a/b", "/b"].map(pointer);
    assert!(ordered.is_sorted());
    assert!(pointer("/a").is_prefix_of(&pointer("/a/b")));
    assert!(pointer("/a").is_prefix_of(&pointer("/a")));
    assert!(!pointer("/a").is_prefix_of(&pointer("/ab")));
}

#[test]
fn a_pointer_of_a_million_tokens_is_dropped() {
    let long = (0..1_000_000).fold(Pointer::root(), |place, _| place.child("x"));
    assert_eq!(long.abbreviated().to_string(), "/x/x/x/x/x/x/…/x/x/x/x/x/x");
}

#[test]
fn in_messages_a_pointer_is_short_and_has_no_control_characters() {
    let long = Pointer::root()
        .child(&"é/".repeat(1 << 20))
        .child("\u{1b}[2J");
    let shown = format!("/{}…/\u{fffd}[2J", "é~1".repeat(24));
    assert_eq!(long.abbreviated().to_string(), shown);
}

proptest! {
    #[test]
    fn every_pointer_survives_its_text(tokens in prop::collection::vec(".{0,4}", 0..5)) {
        let made = tokens.iter().fold(Pointer::root(), |place, token| place.child(token));
        let read = pointer(&made.to_string());
        prop_assert_eq!(read.tokens(), tokens);
        prop_assert_eq!(read, made);
    }
}
