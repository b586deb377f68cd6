//! Bytes as text, and bytes at random.

use rquickjs::{Ctx, Exception, Object, Result, TypedArray};

/// Decodes UTF-8 that comes as hexadecimal digits, the one form in which the language hands over
/// bytes by value.
///
/// Returns the text and how many bytes at the end are the beginning of a character, which only a
/// `stream` may have; or `None` for bytes that are not UTF-8, if that is `fatal`.
pub(crate) fn decode<'js>(
    ctx: Ctx<'js>,
    hex: String,
    fatal: bool,
    stream: bool,
) -> Result<Option<Object<'js>>> {
    let mut bytes = from_hex(&hex);
    drop(hex);
    let rest = if stream { incomplete(&bytes) } else { 0 };
    bytes.truncate(bytes.len() - rest);
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) if fatal => return Ok(None),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    let decoded = Object::new(ctx)?;
    decoded.set("text", text)?;
    decoded.set("rest", rest)?;
    Ok(Some(decoded))
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    hex.as_bytes()
        .as_chunks()
        .0
        .iter()
        .filter_map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

/// How many bytes at the end of `bytes` begin a character that more bytes could complete.
fn incomplete(bytes: &[u8]) -> usize {
    (1..=bytes.len().min(3))
        .find(|&length| {
            bytes
                .get(bytes.len() - length..)
                .and_then(|end| std::str::from_utf8(end).err())
                .is_some_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .unwrap_or(0)
}

/// Returns `length` random bytes of the operating system's.
pub(crate) fn random(ctx: Ctx<'_>, length: usize) -> Result<TypedArray<'_, u8>> {
    let mut bytes = vec![0; length];
    fill(&ctx, &mut bytes)?;
    TypedArray::new(ctx, bytes)
}

/// Returns a random UUID, version 4.
pub(crate) fn random_uuid(ctx: Ctx<'_>) -> Result<String> {
    let mut bytes = [0; 16];
    fill(&ctx, &mut bytes)?;
    let number = u128::from_be_bytes(bytes);
    let number = number & !(0xf000 << 64 | 0b11 << 62) | 0x4000 << 64 | 0b10 << 62;
    Ok(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number >> 96,
        number >> 80 & 0xffff,
        number >> 64 & 0xffff,
        number >> 48 & 0xffff,
        number & 0xffff_ffff_ffff,
    ))
}

fn fill(ctx: &Ctx<'_>, bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|error| Exception::throw_message(ctx, &format!("no random bytes: {error}")))
}

/// Returns `number` if it is a whole one that fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, and one that changed the number is dropped"
)]
pub(crate) fn exact_u32(number: f64) -> Option<u32> {
    let whole = number as u32;
    (f64::from(whole).total_cmp(&number).is_eq()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_short_is_found_at_the_end_only() {
        assert_eq!(incomplete("aé".as_bytes()), 0);
        assert_eq!(incomplete(&"aé".as_bytes()[..2]), 1);
        assert_eq!(incomplete(&"😀".as_bytes()[..3]), 3);
        assert_eq!(incomplete(b"a\xff"), 0);
        assert_eq!(incomplete(b""), 0);
    }

    #[test]
    fn hexadecimal_digits_are_bytes() {
        assert_eq!(from_hex("00ff7F"), [0, 255, 127]);
    }

    #[test]
    fn only_whole_numbers_are_exact() {
        assert_eq!(exact_u32(7.0), Some(7));
        for number in [7.5, -1.0, f64::NAN, f64::INFINITY, 4_294_967_296.0] {
            assert_eq!(exact_u32(number), None, "{number}");
        }
    }
}
