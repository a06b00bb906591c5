//! The hash of arguments, compared with that of the real package.

use std::fs;

use devtools_runtime::__private::fuzz::hashed;
use devtools_runtime::js::{BigInt, Boxed, Date, Error, RegExp, TypedArray, Value};
use serde_json::json;
use tests::node;

const CASES: usize = 2_000;
const SEED: u64 = 0x2545_f491_4f6c_dd1d;

/// Keys and texts that are compared, written or looked at in ways of their own.
const TEXTS: &[&str] = &[
    "constructor",
    "constructor",
    "name",
    "name",
    "toString",
    "valueOf",
    "toJSON",
    "entries",
    "length",
    "type",
    "hasOwnProperty",
    "undefined",
    "null",
    "NaN",
    "true",
    "a",
    "A",
    "aA",
    "Aa",
    "AA",
    "aa",
    "foo",
    "Foo",
    "FOO",
    "fOo",
    "foo1",
    "foo-1",
    "foo_1",
    "Foo1",
    "",
    " ",
    "  ",
    "_",
    "-",
    ",",
    ";",
    ":",
    "'",
    "\"",
    "a','b",
    "{}",
    "[]",
    "#0",
    "1",
    "10",
    "9",
    "01",
    "1.5",
    "-1",
    "1e3",
    "\0",
    "\t",
    "\n",
    "\u{1f}",
    "\u{7f}",
    "\u{80}",
    "é",
    "É",
    "ß",
    "中",
    "\u{ffff}",
    "😀",
    "😁",
    "\u{e000}",
    "\u{fffd}",
    "z{",
    "a b",
    "a.b",
    "$a",
    "~",
    "|",
    "`",
    "^",
    "%25",
    "\\",
    "/",
    "*",
    "@home",
];

const SOURCES: &[&str] = &[
    "a", "", "a/b", r"a\/b", "[/]", r"[\]/]/", "a\nb", "\\\n", "\r", "\u{2028}", "(?:x)", "😀",
];
const FLAGS: &[&str] = &["", "g", "gi", "ig", "ymg", "ds"];
const ERRORS: &[&str] = &[
    "Error",
    "TypeError",
    "RangeError",
    "SyntaxError",
    "URIError",
];

/// Numbers as random as they have to be, and the same in every run: xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    fn text(&mut self) -> String {
        let parts = [1, 1, 1, 2, 3][self.below(5)];
        (0..parts).map(|_| self.one_of(TEXTS)).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "any number will do")]
    fn number(&mut self) -> f64 {
        let number = match self.below(6) {
            0 => self.below(20) as f64,
            1 => self.below(2_000) as f64 / 100.0,
            2 => self.next() as f64,
            3 => f64::from_bits(self.next()),
            4 => -(self.below(1_000) as f64),
            _ => 10_f64.powi(i32::try_from(self.below(50)).unwrap() - 25),
        };
        // Texts cannot say the others.
        if number.is_finite() { number } else { 0.5 }
    }

    fn big_int(&mut self) -> BigInt {
        let integer = i128::from(self.next()) * i128::from(self.next() >> 2);
        BigInt::from(if self.below(2) == 0 {
            integer
        } else {
            -integer
        })
    }

    fn date(&mut self) -> Date {
        let millis = i64::try_from(self.next() % 8_640_000_000_000_000).unwrap();
        Date::from_millis(if self.below(4) == 0 { -millis } else { millis }).unwrap()
    }

    fn values(&mut self, most: usize, depth: usize) -> Vec<Value> {
        (0..self.below(most + 1))
            .map(|_| self.value(depth))
            .collect()
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut properties: Vec<(String, Value)> = Vec::new();
        for _ in 0..self.below(6) {
            let key = self.text();
            if properties.iter().all(|(other, _)| *other != key) {
                properties.push((key, self.value(depth)));
            }
        }
        Value::Object(properties)
    }

    fn typed_array(&mut self) -> TypedArray {
        let count = self.below(5);
        let mut bits: Vec<u64> = (0..count).map(|_| self.next()).collect();
        let floats: Vec<f64> = (0..count).map(|_| self.number()).collect();
        macro_rules! cut {
            ($integer:ty) => {
                bits.drain(..).map(|bits| bits as $integer).collect()
            };
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "any number will do"
        )]
        match self.below(11) {
            0 => TypedArray::Int8(cut!(i8)),
            1 => TypedArray::Uint8(cut!(u8)),
            2 => TypedArray::Uint8Clamped(cut!(u8)),
            3 => TypedArray::Int16(cut!(i16)),
            4 => TypedArray::Uint16(cut!(u16)),
            5 => TypedArray::Int32(cut!(i32)),
            6 => TypedArray::Uint32(cut!(u32)),
            7 => TypedArray::Float32(floats.iter().map(|float| (float % 1e6) as f32).collect()),
            8 => TypedArray::BigInt64(cut!(i64)),
            9 => TypedArray::BigUint64(bits),
            _ => TypedArray::Float64(floats),
        }
    }

    fn value(&mut self, depth: usize) -> Value {
        let kinds = if depth == 0 { 14 } else { 22 };
        match self.below(kinds) {
            0 => Value::Undefined,
            1 => Value::Null,
            2 => Value::Bool(self.below(2) == 0),
            3..=5 => Value::Number(self.number()),
            6..=8 => Value::String(self.text()),
            9 => Value::BigInt(self.big_int()),
            10 => Value::Date(Some(self.date())),
            11 => {
                let (source, flags) = (self.one_of(SOURCES), self.one_of(FLAGS));
                Value::RegExp(Box::new(RegExp::new(source, flags)))
            }
            12 => {
                let name = self.one_of(ERRORS);
                Value::Error(Box::new(Error::with_name(name, self.text())))
            }
            13 => match self.below(8) {
                0 => Value::Boxed(Boxed::Number(self.number())),
                1 => Value::DataView(vec![1, 2]),
                2 => Value::ArrayBuffer(vec![0, 255]),
                _ => Value::TypedArray(self.typed_array()),
            },
            14..=15 => Value::Array(self.values(5, depth - 1)),
            16..=18 => self.object(depth - 1),
            19 => {
                let most = [3, 8, 60][self.below(3)];
                Value::Set(self.values(most, depth - 1).into())
            }
            20 => Value::Set(
                (0..200)
                    .map(|_| Value::Number(self.number()))
                    .collect::<Vec<_>>()
                    .into(),
            ),
            _ => {
                let keys = self.values(12, depth - 1);
                let entries = keys.into_iter().map(|key| (key, self.value(depth - 1)));
                Value::Map(entries.collect::<Vec<_>>().into())
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_hash_as_in_the_real_package() {
    let mut random = Random(SEED);
    let cases: Vec<_> = (0..CASES)
        .filter_map(|_| {
            let (text, hash) = hashed(&random.values(3, 4));
            let hash = match hash {
                Ok(hash) => Some(hash),
                // The text of a date depends on where it is read, and so has no place in a dump.
                Err(problem) if problem.contains("time zone") => return None,
                Err(_) => None,
            };
            Some(json!({ "text": text.unwrap(), "hash": hash }))
        })
        .collect();
    assert!(cases.len() > CASES - 10);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cases.json");
    fs::write(&file, serde_json::to_string(&cases).unwrap()).unwrap();
    node::run("hash.mjs", &[file.to_str().unwrap()]).await;
}
