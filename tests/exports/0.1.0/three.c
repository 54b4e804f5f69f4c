// Exported by thalweg 0.1.0 from the model with the seal none.
// SHA-256 of its training rows: ae4c3e17a9d5c60e637a978a033b9dbf7d48a89bbcd41f8eb8cdd18efc950ad4.
// This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
//
// It takes:
//   "size": number
//   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
//   "seen": days since 1970-01-01
//   "kept": 1, 0 or NaN
//
// It gives:
//   the probabilities of "0", "1", "2", in this order, and a label: the class with the largest product of probability and cost
//
// A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
// Numbers are not read from text: units, decimal commas and bounds are for the caller.
// A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
// A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
// A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
// A level that the model does not know counts as some other, rare level.
// A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
// Its answers are those of the model to 1e-12, because the weights are float64 numbers and sums have another order.

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
    "0", "1", "2", NULL
};
const char *const thalweg_labels[] = {
    "0", "1", "2", NULL
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
static const double e0_1_table[] = {
    0x0p+0, 0x0p+0, -0x1.e5b9d136c6d95p-1, 0x1.e5b9d136c6d95p-1, 0x0p+0, -0x1.e5b9d136c6d95p-1,
    0x0p+0, 0x1.aa027f059dcep+0, -0x1.e5b9d136c6d95p-1, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0,
    0x0p+0,
};
static const int e0_3_column[] = {
    0, 1,
};
typedef double w0_0_type;
static const double w0_0[] = {
    -0x1.302e427d45b8p-1, -0x1.115a5e3194271p+0, -0x1.7a07fe22b16bdp-1, 0x1.13f16dd5c764dp-6,
    0x1.5ee60ef7a8684p-3, 0x1.974a73c57a227p-5, 0x1.392e99b2499f1p-4, 0x1.c8732fcc8380ap-4,
    -0x1.0951fcde7a3ddp-4, -0x1.f42d3bd952e86p-1, 0x1.c003dd03f7f9dp-4, 0x1.b8d6534b68e4fp-4,
    0x1.f9dc5d350376dp-5, -0x1.48f70ea74f5e9p-3, 0x1.5b4c6c1a825ap-3, 0x1.ea70498271cc2p-4,
    0x1.9685e848cde9cp-7, 0x1.841f077225215p-2, -0x1.9c16ca4490ea9p-4, -0x1.30817914eb6efp-4,
    0x1.433427f35e588p-4, -0x1.89f2bb41b707fp-3, -0x1.3014f7e004661p-6, 0x1.d557b1168ced9p-4,
    0x1.895833efe2e3ep-3, 0x1.75b19d339e671p-5, -0x1.a741bdc7e1033p-4, -0x1.cc536b58eecfdp-4,
    0x1.9e4aa640b3e58p-5, -0x1.19ef56c209456p-2, -0x1.2c04401dccf29p-5, -0x1.d1df56590b4fp-3,
    0x1.72512b6ad8f5bp-4, 0x1.35fc50a37cccbp-6, 0x1.59adb3f72d92dp-3, -0x1.b4a01901dbf45p-4,
    -0x1.471967413496bp-3, -0x1.35d1007ac2c58p-4, -0x1.8b7a6e833fcb5p-4, 0x1.f3dedf572f4d8p-4,
    0x1.b73cd05add2ap-5, -0x1.888f02f0d262bp-4, -0x1.e6612089dd1fcp-4, -0x1.ea9288e625b78p-4,
    -0x1.38f5ad062d5ddp-4, -0x1.a36ce3e939ad1p-6, 0x1.21f6cfe3e5901p-3, 0x1.2056cbb43e2adp-2,
    -0x1.5e0884e9db9d6p-7, -0x1.4d62fea1811eep-4, 0x1.af5da10e0368p-4, -0x1.91990919fb754p-4,
    0x1.4f2e767148832p-3, -0x1.3313a2a397f54p-2, 0x1.3de6a51af07efp-2, 0x1.e292b0e7d23edp-6,
    -0x1.dec241ec0135ap-4, -0x1.cf0fe5dbdea77p-1, -0x1.d89adf0e53a2ep-6, 0x1.0cecb838f6436p-2,
    -0x1.598bdfc41b28p-4, 0x1.928830f63f9fbp-3, 0x1.9731f98404d8dp-3,
};
static const double b0_0[] = {
    0x1.d9cca6d78886bp-6, 0x1.d5512ce027278p-4, -0x1.3ab305b021e0ep-5,
};
typedef double w0_1_type;
static const double w0_1[] = {
    0x1.10d13108371b1p+0, -0x1.83254af804f2dp+0, -0x1.3b0e94d2c006bp+0, 0x1.652737b051f02p-2,
    -0x1.8bc7945f9fd19p-2, -0x1.749ce39b200fbp-1, -0x1.3f1de43dfe99ep+0, -0x1.3c650c334c4c8p-2,
    -0x1.4f810520d7c16p-1,
};
static const double b0_1[] = {
    -0x1.7758303541fa4p-5, -0x1.cca951a8e7e37p-8, 0x1.abe6d1f05c268p-5,
};
static const double costs[] = {
    0x1p+0, 0x1p+0, 0x1p+0,
};
static double larger(double a, double b) { return a > b ? a : b; }
static double smaller(double a, double b) { return a < b ? a : b; }

static double f_from_median(double share, double shift, double scale) {
    return (share + shift) * scale;
}

static double f_joined_others(double top, double others, double z) {
    return (others * exp((top - larger(top, z)))) + exp((-fabs((z - top))));
}

static double f_joined_top(double top, double z) {
    return larger(top, z);
}

static double f_mish(double z) {
    double t4 = -smaller(fabs(z), 800.0);
    double t5 = exp(t4);
    double t7 = z < 0.0;
    double t17 = 1.0 + t5;
    return (t7 ? ((t4 * t5) * (t5 + 2.0)) : (z * (1.0 + (2.0 * t5)))) / ((t17 * t17) + (t7 ? 1.0 : (t5 * t5)));
}

static double f_ramp(double value, double start, double per_unit, double least, double most) {
    return smaller(larger(((value - start) * per_unit), least), most);
}

static double f_share(double z, double others) {
    return exp(z) / (1.0 + others);
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
    for (int k = 0; k < 3; k++) b[k] = f_mish(b[k]);
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
    double sum0_top = z[0];
    double sum0_others = 0.0;
    sum0_others = f_joined_others(sum0_top, sum0_others, z[1]);
    sum0_top = f_joined_top(sum0_top, z[1]);
    sum0_others = f_joined_others(sum0_top, sum0_others, z[2]);
    sum0_top = f_joined_top(sum0_top, z[2]);
    p[0] = f_share(z[0] - sum0_top, sum0_others);
    p[1] = f_share(z[1] - sum0_top, sum0_others);
    p[2] = f_share(z[2] - sum0_top, sum0_others);
    if (odd > 0.0) {
        for (int k = 0; k < 3; k++) {
            p[k] = NAN;
        }
    }
}

int thalweg_label(const double *p) {
    if ((p[0] == p[0]) == 0.0) {
        return -1;
    }
    double best = p[0] * costs[0];
    double place = 0.0;
    for (int k = 1; k < 3; k++) {
        if ((p[k] * costs[k]) > best) {
            best = p[k] * costs[k];
            place = k + 0.0;
        }
    }
    return (int)(place);
}
