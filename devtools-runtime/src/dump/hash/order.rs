//! The order of keys and members ([protocol 8.7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#87-the-order-of-keys)), and a sort that gives the same result as JavaScript's.

use std::cmp::Ordering;

/// The characters with a weight of their own, lightest first. A capital letter has the weight of its small letter.
const LIGHTEST_FIRST: &[u8; 69] =
    b" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz";

/// Weights by code unit. 0 means that the unit has no weight of its own.
const WEIGHTS: [u8; 128] = {
    let mut weights = [0; 128];
    let mut weight = 0;
    while weight < LIGHTEST_FIRST.len() {
        let character = LIGHTEST_FIRST[weight];
        weight += 1;
        #[expect(clippy::cast_possible_truncation, reason = "at most 69")]
        let value = weight as u8;
        weights[character as usize] = value;
        weights[character.to_ascii_uppercase() as usize] = value;
    }
    weights
};

/// Compares two texts by the weights of their code units, then by length. If they differ in capital letters only, the
/// text with the first small letter comes first. This is a total order.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.encode_utf16(), right.encode_utf16());
    let mut tie = Ordering::Equal;
    loop {
        match (left.next(), right.next()) {
            (Some(left), Some(right)) => match weight(left).cmp(&weight(right)) {
                Ordering::Equal => tie = tie.then(right.cmp(&left)),
                decided => return decided,
            },
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (None, None) => return tie,
        }
    }
}

fn weight(unit: u16) -> u32 {
    match WEIGHTS.get(usize::from(unit)) {
        Some(0) | None => u32::from(unit) + 128,
        Some(weight) => u32::from(*weight),
    }
}

/// The number of members below which V8 uses insertion sort.
const INSERTED: usize = 64;

/// Sorts as `Array.prototype.sort` does in V8.
///
/// The comparison is not an order where members have different types: 2 is less than 10, `10` is less than the text
/// `15`, and that is less than 2. So the result depends on which members are compared, and `slice::sort_by` might
/// panic. Fewer than [`INSERTED`] members are sorted exactly as in V8; more are if their comparison is an order.
pub(super) fn sort<T>(members: &mut Vec<T>, compare: &impl Fn(&T, &T) -> Ordering) {
    if members.len() < INSERTED {
        return insert_in_order(members, compare);
    }
    let mut right = members.split_off(members.len() / 2);
    sort(members, compare);
    sort(&mut right, compare);
    let mut left = std::mem::take(members).into_iter().peekable();
    let mut right = right.into_iter().peekable();
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(first), Some(second)) if compare(second, first).is_lt() => right.next(),
            (None, _) => right.next(),
            _ => left.next(),
        };
        match next {
            Some(member) => members.push(member),
            None => return,
        }
    }
}

/// Finds the sorted run at the beginning and inserts the other members into it by bisection.
fn insert_in_order<T>(members: &mut [T], compare: &impl Fn(&T, &T) -> Ordering) {
    let falls = |pair: &[T]| compare(&pair[1], &pair[0]).is_lt();
    let Some(first) = members.windows(2).next() else {
        return;
    };
    let falling = falls(first);
    let pairs = members.windows(2).take_while(|pair| falls(pair) == falling);
    let run = pairs.count() + 1;
    if falling {
        members[..run].reverse();
    }
    for position in run..members.len() {
        // `partition_point` is not used, because it compares other members than V8 does.
        let (mut low, mut high) = (0, position);
        while low < high {
            let middle = usize::midpoint(low, high);
            if compare(&members[position], &members[middle]).is_lt() {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        members[low..=position].rotate_right(1);
    }
}
