/// A map with fixed keys.
#[derive(Debug)]
pub(in crate::load) struct Record {
    /// A slug: its heading in the reference, and its definition in the schemas.
    pub name: &'static str,
    /// How messages call it: `a case`.
    pub what: &'static str,
    /// What it is, in sentences.
    pub doc: &'static str,
    /// Keys that may stand beside one another.
    pub fields: &'static [Field],
    /// Keys of which only some may.
    pub among: Among,
    /// Records whose keys it has too.
    pub also: &'static [&'static Record],
    /// A whole file around the record, `@` standing for its members.
    pub sample: &'static str,
}

/// Keys that depend on one another.
#[derive(Clone, Copy, Debug)]
pub(in crate::load) enum Among {
    /// There are none.
    Nothing,
    /// Exactly one of them.
    One(&'static [Field]),
    /// At least one of them.
    Some(&'static [Field]),
    /// Any other keys too, each with any value.
    Others,
}

/// A key of a record.
#[derive(Debug)]
pub(in crate::load) struct Field {
    /// The key.
    pub key: &'static str,
    /// What stands there.
    pub shape: Shape,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it means: a sentence that continues "`key`: ".
    pub doc: &'static str,
    /// A value, as YAML on one line.
    pub example: &'static str,
    /// What must stand beside the example for it to make sense, as members of a flow map.
    pub beside: &'static str,
}

/// What stands under a key.
#[derive(Clone, Copy, Debug)]
pub(in crate::load) enum Shape {
    /// A text; numbers and booleans count as the text that stands there.
    Text,
    /// A text that is not empty.
    Sentence,
    /// Lower-case words joined by `-` and these characters.
    Slug(&'static str),
    /// `true` or `false`.
    Flag,
    /// `true`, and nothing else.
    True,
    /// A whole number within bounds.
    Whole(u64, u64),
    /// Any whole number.
    Integer,
    /// A number above 0.
    Number,
    /// A whole number, or an expression that gives one.
    Count,
    /// `60s`.
    Duration,
    /// `60s`, or an expression that gives a duration.
    Wait,
    /// `2027-01-31`.
    Date,
    /// An absolute URL of `http` or `https`.
    Url,
    /// An absolute URL, or `#anchor` of the document's.
    Link,
    /// An absolute URI of any scheme.
    Uri,
    /// A glob over `suite/case`.
    Glob,
    /// A regular expression.
    Regex,
    /// An expression without `$`.
    Condition,
    /// A single value, which may be an expression.
    Scalar,
    /// Any value, lists and maps included.
    Anything,
    /// A value, a list of values or a map of matchers.
    Matcher,
    /// An error code.
    ErrorCode,
    /// A status code or a class of them.
    Status,
    /// One of these words.
    Words(fn() -> Vec<String>),
    /// One of these words, or an expression that gives one.
    OpenWords(fn() -> Vec<String>),
    /// A text, and most often one of these words.
    Usually(fn() -> Vec<String>),
    /// The thing or a list of it that is not empty.
    OneOrMore(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// A list that is not empty.
    Several(&'static Shape),
    /// `[first, second]`.
    Pair(&'static Shape, &'static Shape),
    /// A list of at least two.
    Together(&'static Shape),
    /// A map whose keys are the author's.
    Named(&'static Shape),
    /// The same with at least one member.
    SomeNamed(&'static Shape),
    /// The same with a member of that name.
    NamedWith(&'static str, &'static Shape),
    /// A map whose keys are names of header fields.
    Headers(&'static Shape),
    /// A map whose keys are names of values that expressions refer to.
    Values(&'static Shape),
    /// A record.
    Of(&'static Record),
    /// A record, or nothing at all.
    MaybeOf(&'static Record),
    /// Any of these.
    Either(&'static [Shape]),
}

/// A key that may be left out.
pub(in crate::load) const fn field(
    key: &'static str,
    shape: Shape,
    doc: &'static str,
    example: &'static str,
) -> Field {
    Field { key, shape, is_required: false, doc, example, beside: "" }
}

impl Field {
    /// The same, but it must be there.
    pub const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The same with what must stand beside its example.
    pub const fn beside(self, beside: &'static str) -> Self {
        Self { beside, ..self }
    }
}

impl Among {
    /// The keys.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Nothing | Self::Others => &[],
            Self::One(fields) | Self::Some(fields) => fields,
        }
    }
}

impl Record {
    /// All keys with what is known of them, those of other records last.
    pub fn all_fields(&self) -> Vec<&'static Field> {
        let own = self.fields.iter().chain(self.among.fields());
        own.chain(self.also.iter().flat_map(|record| record.all_fields())).collect()
    }

    /// The key of that name.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        let own = self.fields.iter().chain(self.among.fields()).find(|f| f.key == key);
        own.or_else(|| self.also.iter().find_map(|record| record.field(key)))
    }
}
