//! The proleptic Gregorian calendar.

/// A calendar day.
#[derive(Clone, Copy)]
pub(super) struct CivilDate {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
    /// 1 to 31.
    pub(super) day: i64,
}

/// The number of days in 400 years, after which the calendar repeats.
const DAYS_PER_CYCLE: i64 = 146_097;
/// The number of days from 1 March of year 0 to 1 January 1970.
const DAYS_TO_1970: i64 = 719_468;

impl CivilDate {
    /// Returns the number of days from 1 January 1970 to this day.
    ///
    /// Years begin in March here, so that the leap day comes last and one formula gives the lengths of the months
    /// before it.
    pub(super) fn since_1970(self) -> i64 {
        let year = if self.month <= 2 {
            self.year - 1
        } else {
            self.year
        };
        let (cycle, year_of_cycle) = (year.div_euclid(400), year.rem_euclid(400));
        let month_from_march = (self.month + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + self.day - 1;
        let day_of_cycle =
            year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
        cycle * DAYS_PER_CYCLE + day_of_cycle - DAYS_TO_1970
    }

    /// Returns the day that is this many days after 1 January 1970.
    pub(super) fn from_1970(days: i64) -> Self {
        let days = days + DAYS_TO_1970;
        let (cycle, day_of_cycle) = (
            days.div_euclid(DAYS_PER_CYCLE),
            days.rem_euclid(DAYS_PER_CYCLE),
        );
        let leap_days =
            day_of_cycle / 1460 - day_of_cycle / 36_524 + day_of_cycle / (DAYS_PER_CYCLE - 1);
        let year_of_cycle = (day_of_cycle - leap_days) / 365;
        let day_of_year =
            day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        let year = cycle * 400 + year_of_cycle + i64::from(month <= 2);
        Self {
            year,
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        }
    }

    /// Returns `true` if the month exists and has this day.
    pub(super) fn exists(self) -> bool {
        (1..=12).contains(&self.month) && {
            let same = Self::from_1970(self.since_1970());
            (same.month, same.day) == (self.month, self.day)
        }
    }
}
