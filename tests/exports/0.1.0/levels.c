// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: 8316ce6549f7fcedf49eac01d4dd0e6e9fc95a61a89ecce187b850069fb0a59b.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "seen": days since 1970-01-01
//   "kept": 1, 0 or NaN
//
// It gives:
//   the predicted quantiles "q0.1", "q0.5", "q0.9"
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
// Its answers are those of the model to 2e-06 of the size of the answer or of the spread of the target, because the weights are float32 numbers and sums have another order.

#include <math.h>
#include <stddef.h>
#include <string.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "missing values are NaN, which -ffast-math and -ffinite-math-only ignore"
#endif

const char *const thalweg_number_columns[] = {
    "size", "seen", "kept", NULL
};
const char *const thalweg_text_columns[] = {
    "town", NULL
};
const char *const thalweg_answers[] = {
    "q0.1", "q0.5", "q0.9", NULL
};

static const char *const around[] = {
    "\011", "\012", "\013", "\014", "\015", "\034", "\035", "\036", "\037", "\040", "\302\205",
    "\302\240", "\341\232\200", "\342\200\200", "\342\200\201", "\342\200\202", "\342\200\203",
    "\342\200\204", "\342\200\205", "\342\200\206", "\342\200\207", "\342\200\210", "\342\200\211",
    "\342\200\212", "\342\200\250", "\342\200\251", "\342\200\257", "\342\201\237", "\343\200\200",
    "\302\255", "\330\234", "\341\240\216", "\342\200\213", "\342\200\214", "\342\200\215",
    "\342\200\216", "\342\200\217", "\342\200\252", "\342\200\253", "\342\200\254", "\342\200\255",
    "\342\200\256", "\342\201\240", "\342\201\241", "\342\201\242", "\342\201\243", "\342\201\244",
    "\342\201\246", "\342\201\247", "\342\201\250", "\342\201\251", "\357\273\277",
};
static const char *const missing[] = {
    "", "\077", "n/a", "na", "nan", "null",
};
/* Where a text begins and how long it is without spaces around it; 0 for a missing one. */
static size_t stripped(const char **text) {
    const char *begin = *text;
    size_t length, again = 1;
    if (!begin) return 0;
    length = strlen(begin);
    while (again) {
        again = 0;
        for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
            const size_t n = strlen(around[k]);
            if (length >= n && !memcmp(begin, around[k], n)) {
                begin += n; length -= n; again = 1;
            }
            if (length >= n && !memcmp(begin + length - n, around[k], n)) {
                length -= n; again = 1;
            }
        }
    }
    *text = begin;
    for (size_t k = 0; k < sizeof missing / sizeof *missing; k++) {
        size_t n = 0;
        while (n < length && missing[k][n]) {
            const char sign = begin[n] >= 'A' && begin[n] <= 'Z' ? (char)(begin[n] + 32) : begin[n];
            if (sign != missing[k][n]) break;
            n++;
        }
        if (n == length && !missing[k][n]) return 0;
    }
    return length;
}
typedef struct { const char *text; int code; } level;

/* The length of the number in a text such as 3.00; 0 for any other text. */
static size_t whole_length(const char *text, size_t length) {
    size_t n = length && *text == '-', first = n;
    while (n < length && text[n] >= '0' && text[n] <= '9') n++;
    if (n == first || (text[first] == '0' && n > first + 1)) return 0;
    if (n + 1 >= length || text[n] != '.') return 0;
    for (size_t k = n + 1; k < length; k++) if (text[k] != '0') return 0;
    return n;
}

static int code_of(const char *text, size_t length, const level *levels, int n) {
    int low = 0, high = n;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        const char *other = levels[middle].text;
        const size_t size = strlen(other);
        int order = memcmp(text, other, length < size ? length : size);
        if (!order) order = (length > size) - (length < size);
        if (!order) return levels[middle].code;
        if (order < 0) high = middle; else low = middle + 1;
    }
    return -1;
}

static double level_of(const char *text, const level *levels, int n) {
    const size_t length = stripped(&text);
    int code;
    if (!length) return NAN;
    code = code_of(text, length, levels, n);
    if (code < 0 && whole_length(text, length))
        code = code_of(text, whole_length(text, length), levels, n);
    return code < 0 ? 0.0 : code;
}
static const level levels_1[] = {
    {"Bern", 1}, {"Oslo", 2}, {"Z\303\274rich", 3},
};
static const int e0_0_column[] = {
    0, 2, 3, 0, 0, 2, 2,
};
static const double e0_0_median[] = {
    0x1.3cccccccccccdp+3, 0x1.3a68p+14, 0x1p-1, 0x1.3cccccccccccdp+3, 0x1.3cccccccccccdp+3,
    0x1.3a68p+14, 0x1.3a68p+14,
};
static const double e0_0_start[] = {
    0x1.3cccccccccccdp+3, 0x1.3a68p+14, 0x1p-1, 0x1.e666666666666p+0, 0x1.3cccccccccccdp+3,
    0x1.344p+14, 0x1.3a68p+14,
};
static const double e0_0_per_unit[] = {
    0x1.9dbcc48676f3p-4, 0x1.af83440e53dbcp-11, 0x1.5555555555555p-2, 0x1p-3, 0x1.3b13b13b13b15p-3,
    0x1.4cab88725af6ep-9, 0x1.07b9f29b8eae2p-9,
};
static const double e0_0_least[] = {
    -0x1.7d784p+26, -0x1.7d784p+26, -0x1.7d784p+26, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0,
};
static const double e0_0_most[] = {
    0x1.7d784p+26, 0x1.7d784p+26, 0x1.7d784p+26, 0x1p+0, 0x1p+0, 0x1p+0, 0x1p+0,
};
static const double e0_0_shift[] = {
    -0x1p+0, 0x0p+0, -0x1.fffffffffffffp-1, 0x0p+0,
};
static const double e0_0_scale[] = {
    0x1p-2, 0x1p-2, 0x1p-2, 0x1p-2,
};
static const int e0_1_column[] = {
    1, 1, 1,
};
static const double e0_1_of_missing[] = {
    0x1p+2, 0x1p+2, 0x1p+2,
};
static const int e0_1_step[] = {
    3, 3, 3,
};
static const int e0_1_first[] = {
    0, 1, 2,
};
static const float e0_1_table[] = {
    0x0p+0f, 0x0p+0f, -0x1.e5b9d2p-1f, 0x1.e5b9d2p-1f, 0x0p+0f, -0x1.e5b9d2p-1f, 0x0p+0f,
    0x1.aa028p+0f, -0x1.e5b9d2p-1f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x0p+0f, 0x0p+0f,
};
static const int e0_3_column[] = {
    0, 1,
};
typedef float w0_0_type;
static const float w0_0[] = {
    -0x1.1fd1cp-2f, -0x1.6f5a24p-1f, -0x1.20eb12p+0f, -0x1.52c0c4p-10f, 0x1.261186p-3f,
    0x1.4eea0ep-5f, 0x1.9ac878p-6f, 0x1.3758c8p-4f, -0x1.cdd1dap-5f, -0x1.805c7ap-3f, 0x1.c21f1p-4f,
    -0x1.f585ap-5f, 0x1.2b25d6p-4f, -0x1.766eb8p-3f, 0x1.92f94p-3f, 0x1.352886p-3f, 0x1.e7a15ep-4f,
    0x1.06970cp-1f, -0x1.05a65p-1f, -0x1.0b68eap-1f, 0x1.149526p-3f, -0x1.e06174p-2f,
    -0x1.73fdc8p-3f, 0x1.4b71c6p-3f, 0x1.3fcdfep-4f, -0x1.71b8acp-6f, -0x1.3f53e2p-6f,
    -0x1.338cbap-4f, 0x1.0d7dc4p-3f, -0x1.266574p-2f, -0x1.a12472p-6f, -0x1.a08a7ep-4f,
    -0x1.e00026p-5f, 0x1.ba0882p-5f, 0x1.efff5ap-3f, -0x1.cbe82cp-4f, -0x1.81f0b6p-3f,
    -0x1.63a192p-4f, -0x1.b859b4p-4f, -0x1.b1b278p-5f, -0x1.5a0942p-4f, 0x1.061636p-3f,
    -0x1.b47dfcp-2f, -0x1.0a8e62p-2f, 0x1.501c74p-7f, -0x1.b17742p-8f, 0x1.ed41c8p-5f,
    0x1.35f35p-5f, -0x1.0f1a7p-4f, -0x1.e3061ep-4f, 0x1.17e6bap-4f, -0x1.0077ep-5f, 0x1.550da2p-5f,
    -0x1.8e628ep-4f, 0x1.20b302p-4f, -0x1.5b1db6p-5f, -0x1.908f6ep-7f, -0x1.556cbep-3f,
    -0x1.5190ccp-8f, -0x1.cbefbap-6f, -0x1.00af26p-3f, 0x1.579b82p-3f, 0x1.1aeeaap-3f,
};
static const float b0_0[] = {
    -0x1.991158p-4f, -0x1.a46a66p-4f, 0x1.ea9f12p-9f,
};
typedef float w0_1_type;
static const float w0_1[] = {
    0x1.d1a936p-1f, -0x1.501554p+0f, -0x1.38adfep+0f, 0x1.fd474p-4f, -0x1.85819p-2f,
    -0x1.0850eep-1f, -0x1.755c6p+0f, -0x1.d34b12p-3f, -0x1.bb41f2p-2f,
};
static const float b0_1[] = {
    -0x1.cd95dcp-4f, 0x1.9883b2p-4f, 0x1.e29c8ap-4f,
};
static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static double f_from_median(double share, double shift, double scale) {
    return (share + shift) * scale;
}

static double f_link(double z) {
    return z;
}

static double f_ramp(double value, double start, double per_unit, double least, double most) {
    return smaller(larger(((value - start) * per_unit), least), most);
}

static double f_relu(double z) {
    return larger(z, 0.0);
}

static double f_smooth(double third) {
    return (third / sqrt((1.0 + (third * third)))) * 3.0;
}

static double f_weekday_mark(double days, double weekday) {
    double t4 = floor(days) + 3.0;
    return ((t4 - (7.0 * floor((t4 / 7.0)))) == weekday) ? 1.6641005886756874 : 0.0;
}

static double f_within_years(double days) {
    return smaller(larger(days, (-719162.0)), 2932897.0);
}

static double f_year_cosine(double days) {
    return cos((0.017202777078734226 * (days - 10957.0)));
}

static double f_year_sine(double days) {
    return sin((0.017202777078734226 * (days - 10957.0)));
}

/* x: the numbers of thalweg_number_columns, NaN if missing. text: those of
   thalweg_text_columns in UTF-8, NULL if missing. p: room for all thalweg_answers. */
void thalweg_predict(const double *x, const char *const *text, double *p) {
    double v[4];
    for (int k = 0; k < 4; k++) v[k] = NAN;
    v[0] = x[0];
    v[2] = x[1];
    v[3] = x[2];
    v[1] = level_of(text[0], levels_1, (int)(sizeof levels_1 / sizeof *levels_1));
    double odd = 0.0;
    if (fabs(v[0]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs(v[2]) > 1e+300) {
        odd = 1.0;
    }
    if (fabs((v[3] * (v[3] - 1.0))) > 0.0) {
        odd = 1.0;
    }
    double a[21] = {0};
    double b[21] = {0};
    double z[3] = {0};
    for (int k = 0; k < 3; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_smooth(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]));
    }
    for (int k = 3; k < 7; k++) {
        double value = (v[e0_0_column[k]] == v[e0_0_column[k]]) ? v[e0_0_column[k]] : e0_0_median[k];
        a[k] = f_from_median(f_ramp(value, e0_0_start[k], e0_0_per_unit[k], e0_0_least[k], e0_0_most[k]), e0_0_shift[k - 3], e0_0_scale[k - 3]);
    }
    for (int k = 0; k < 3; k++) {
        a[7 + k] = e0_1_table[e0_1_first[k] + (e0_1_step[k] * (int)(((v[e0_1_column[k]] == v[e0_1_column[k]]) ? v[e0_1_column[k]] : e0_1_of_missing[k])))];
    }
    a[10] = (v[2] == v[2]) ? f_year_sine(f_within_years(v[2])) : 0.0;
    a[11] = (v[2] == v[2]) ? f_year_cosine(f_within_years(v[2])) : 0.0;
    a[12] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 0.0) : 0.0;
    a[13] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 1.0) : 0.0;
    a[14] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 2.0) : 0.0;
    a[15] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 3.0) : 0.0;
    a[16] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 4.0) : 0.0;
    a[17] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 5.0) : 0.0;
    a[18] = (v[2] == v[2]) ? f_weekday_mark(f_within_years(v[2]), 6.0) : 0.0;
    for (int k = 0; k < 2; k++) {
        a[19 + k] = (v[e0_3_column[k]] == v[e0_3_column[k]]) ? 0.0 : 1.0;
    }
    for (int k = 0; k < 3; k++) b[k] = b0_0[k];
    for (int i = 0; i < 21; i++) {
        const double s = a[i];
        if (s != 0.0) {
            const w0_0_type *w = w0_0 + i * 3;
            for (int k = 0; k < 3; k++) b[k] += (double)w[k] * s;
        }
    }
    for (int k = 0; k < 3; k++) b[k] = f_relu(b[k]);
    for (int k = 0; k < 3; k++) a[k] = b0_1[k];
    for (int i = 0; i < 3; i++) {
        const double s = b[i];
        if (s != 0.0) {
            const w0_1_type *w = w0_1 + i * 3;
            for (int k = 0; k < 3; k++) a[k] += (double)w[k] * s;
        }
    }
    z[0] = a[0];
    z[1] = a[1];
    z[2] = a[2];
    p[0] = smaller(larger((30.5 + (17.318102282486574 * f_link(z[0]))), 1.0), 60.0);
    p[1] = smaller(larger((30.5 + (17.318102282486574 * f_link(z[1]))), 1.0), 60.0);
    p[2] = smaller(larger((30.5 + (17.318102282486574 * f_link(z[2]))), 1.0), 60.0);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            double low = smaller(p[k], p[k + 1]);
            double high = larger(p[k], p[k + 1]);
            p[k] = low;
            p[k + 1] = high;
        }
    }
    if (odd > 0.0) {
        for (int k = 0; k < 3; k++) {
            p[k] = NAN;
        }
    }
}
