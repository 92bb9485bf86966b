use std::borrow::Cow;
use std::ops::Range;

/// How deep encodings may stand in one another: a URL in a parameter of a URL in an HTML attribute.
const DEEPEST: usize = 3;

/// Text as it reads under a layer of encoding, and where each byte of it stood.
///
/// Percent-encoding, JSON's and HTML's escapes are undone alike, wherever they stand and however little or much
/// the sender chose to encode: that is what makes a secret found in all its forms.
pub(super) struct View<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// For each byte where it began in the original, and at last the original's end; `None` for the original.
    starts: Option<Vec<usize>>,
}

/// The text as it is, then under one layer of encoding after the other, as far as there are any.
pub(super) fn views(text: &[u8]) -> Vec<View<'_>> {
    let mut views = vec![View { bytes: Cow::Borrowed(text), starts: None }];
    while views.len() <= DEEPEST
        && let Some(deeper) = views.last().and_then(View::deeper)
    {
        views.push(deeper);
    }
    views
}

/// The text under all its layers.
pub(super) fn undisguised(text: &[u8]) -> Vec<u8> {
    views(text).pop().map(|view| view.bytes.into_owned()).unwrap_or_default()
}

impl View<'_> {
    /// Where a range of this view stands in the original.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        self.start(range.start)..self.start(range.end)
    }

    fn start(&self, index: usize) -> usize {
        match &self.starts {
            Some(starts) => starts.get(index).or(starts.last()).copied().unwrap_or_default(),
            None => index.min(self.bytes.len()),
        }
    }

    fn deeper<'b>(&self) -> Option<View<'b>> {
        let begins_escape = |b: &u8| matches!(b, b'%' | b'\\' | b'&');
        if !self.bytes.iter().any(begins_escape) {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut starts = Vec::with_capacity(self.bytes.len() + 1);
        let mut index = 0;
        while let Some(rest) = self.bytes.get(index..).filter(|rest| !rest.is_empty()) {
            let plain = rest.iter().position(begins_escape).unwrap_or(rest.len());
            let (before, rest) = rest.split_at(plain);
            bytes.extend_from_slice(before);
            starts.extend((index..index + plain).map(|index| self.start(index)));
            index += plain;
            let Some((first, after)) = rest.split_first() else { break };
            let (taken, decoded) = match first {
                b'%' => percent(after),
                b'\\' => backslash(after),
                _ => ampersand(after),
            }
            .map_or((1, Decoded::Byte(*first)), |(length, decoded)| (length + 1, decoded));
            decoded.write(&mut bytes);
            starts.resize(bytes.len(), self.start(index));
            index += taken;
        }
        starts.push(self.start(self.bytes.len()));
        (bytes.len() < self.bytes.len()).then_some(View { bytes: Cow::Owned(bytes), starts: Some(starts) })
    }
}

enum Decoded {
    Byte(u8),
    Char(char),
}

impl Decoded {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Byte(byte) => bytes.push(*byte),
            Self::Char(char) => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// `%2B`, as far as it stands after its first character.
fn percent(after: &[u8]) -> Option<(usize, Decoded)> {
    let byte = number(after.get(..2)?, 16)?;
    Some((2, Decoded::Byte(u8::try_from(byte).ok()?)))
}

/// `\/` and `\u002b` (RFC 8259 section 7).
fn backslash(after: &[u8]) -> Option<(usize, Decoded)> {
    match after.first()? {
        byte @ (b'/' | b'"' | b'\\' | b'\'') => Some((1, Decoded::Byte(*byte))),
        b'u' => Some((5, Decoded::Char(char::from_u32(number(after.get(1..5)?, 16)?)?))),
        _ => None,
    }
}

/// The character references that servers write for what has a meaning in HTML.
fn ampersand(after: &[u8]) -> Option<(usize, Decoded)> {
    const NAMED: [(&[u8], char); 6] =
        [(b"amp", '&'), (b"lt", '<'), (b"gt", '>'), (b"quot", '"'), (b"apos", '\''), (b"plus", '+')];
    let length = after.iter().take(9).position(|b| *b == b';')?;
    let name = after.get(..length)?;
    let char = match name {
        [b'#', b'x' | b'X', digits @ ..] => char::from_u32(number(digits, 16)?)?,
        [b'#', digits @ ..] => char::from_u32(number(digits, 10)?)?,
        _ => NAMED.iter().find(|(n, _)| *n == name)?.1,
    };
    Some((length + 1, Decoded::Char(char)))
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    // The standard library's reader would take a sign.
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone_layer_by_layer() {
        for (text, plain) in [
            ("a%2Bb%2fc", "a+b/c"),
            ("a%252Bb", "a+b"),
            (r"a\/b\u002bc\u00fc", "a/b+cü"),
            ("a&amp;b&#43;c&#x2B;d&quot;", "a&b+c+d\""),
            ("?x=1&amp;code=a%2Bb", "?x=1&code=a+b"),
            ("100% & \\ %zz &bogus; %", "100% & \\ %zz &bogus; %"),
            ("%+1 &#+5;", "%+1 &#+5;"),
        ] {
            assert_eq!(String::from_utf8_lossy(&undisguised(text.as_bytes())), plain, "{text}");
        }
    }

    #[test]
    fn a_range_leads_back_to_the_original() {
        let text = b"x=a%252Bb&y";
        let views = views(text);
        let last = views.last().unwrap();
        let at = last.bytes.windows(3).position(|w| w == b"a+b").unwrap();
        assert_eq!(&text[last.original(at..at + 3)], b"a%252Bb");
        assert_eq!(last.original(0..last.bytes.len()), 0..text.len());
    }
}
