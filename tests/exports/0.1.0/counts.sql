-- Exported by thalweg 0.1.0 from the model with the seal none.
-- SHA-256 of its training rows: 6770cc07609be08f0eba87724aeb679f39fd4ddde5654045be165cd342d4f438.
-- This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
--
-- It takes:
--   "size": number
--   "kept": 1, 0 or NaN
--   "years": number, the offset or exposure of the row
--
-- It gives:
--   the predicted number
--
-- A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
-- Numbers are not read from text: units, decimal commas and bounds are for the caller.
-- A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
-- Its answers are those of the model to 2e-06 of the size of the answer or of the spread of the target, because the weights are float32 numbers and sums have another order.
--
-- The rows are those of the table thalweg_rows: rename it here, or make a view of this name.
-- A missing value is NULL, and a column of numbers holds numbers: in SQLite an empty text would count as 0. Without an answer, prediction and probabilities are NULL.
WITH thalweg_source AS MATERIALIZED (
  SELECT *, row_number() OVER () AS thalweg_row FROM thalweg_rows
)
, thalweg_0 AS MATERIALIZED (
  SELECT thalweg_row,
    CAST("size" AS DOUBLE PRECISION) AS v0,
    CAST("kept" AS DOUBLE PRECISION) AS v1,
    CAST("years" AS DOUBLE PRECISION) AS v2
  FROM thalweg_source
)
, thalweg_1 AS MATERIALIZED (
  SELECT thalweg_row,
    v1,
    v2,
    CASE WHEN (abs(v0) > 1e+300) THEN 1.0e0 ELSE 0.0e0 END AS t3,
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 9.7e0 END AS t5,
    CASE WHEN (v1 IS NOT NULL) THEN v1 ELSE 0.0e0 END AS t10,
    CASE WHEN (v0 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t23
  FROM thalweg_0
)
, thalweg_2 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t23,
    CASE WHEN (abs((v1 * (v1 - 1.0e0))) > 0.0e0) THEN 1.0e0 ELSE t3 END AS t4,
    ((t5 - 9.7e0) * 0.10416666666666667e0) AS t6,
    ((t10 - 0.0e0) * 0.3333333333333333e0) AS t11,
    ((t5 - 1.9e0) * 0.12820512820512822e0) AS t15,
    ((t5 - 9.7e0) * 0.1492537313432836e0) AS t19
  FROM thalweg_1
)
, thalweg_3 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t23,
    CASE WHEN t6 > (-100000000.0e0) THEN t6 ELSE (-100000000.0e0) END AS t7,
    CASE WHEN t11 > (-100000000.0e0) THEN t11 ELSE (-100000000.0e0) END AS t12,
    CASE WHEN t15 > 0.0e0 THEN t15 ELSE 0.0e0 END AS t16,
    CASE WHEN t19 > 0.0e0 THEN t19 ELSE 0.0e0 END AS t20,
    CASE WHEN (NOT ((v2 >= 1.3838965267367376e-87) AND (v2 <= 7.225973768125749e+86))) THEN 1.0e0 ELSE t4 END AS t46
  FROM thalweg_2
)
, thalweg_4 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t23,
    t46,
    CASE WHEN t7 < 100000000.0e0 THEN t7 ELSE 100000000.0e0 END AS t8,
    CASE WHEN t12 < 100000000.0e0 THEN t12 ELSE 100000000.0e0 END AS t13,
    CASE WHEN t16 < 1.0e0 THEN t16 ELSE 1.0e0 END AS t17,
    CASE WHEN t20 < 1.0e0 THEN t20 ELSE 1.0e0 END AS t21
  FROM thalweg_3
)
, thalweg_5 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t23,
    t46,
    ((t8 / sqrt((1.0e0 + (t8 * t8)))) * 3.0e0) AS t9,
    ((t13 / sqrt((1.0e0 + (t13 * t13)))) * 3.0e0) AS t14,
    ((t17 + (-1.0e0)) * 0.25e0) AS t18,
    ((t21 + 0.0e0) * 0.25e0) AS t22
  FROM thalweg_4
)
, thalweg_6 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t46,
    (((-0.04868179187178612e0) + ((-0.08858289569616318e0) * t9 + (-0.019681788980960846e0) * t14)) + (0.08260774612426758e0 * t18 + ((-0.24613089859485626e0) * t22 + 0.12305960059165955e0 * t23))) AS t24,
    ((0.020781785249710083e0 + ((-0.004803942050784826e0) * t9 + (-0.11145930737257004e0) * t14)) + ((-0.1306474506855011e0) * t18 + (0.12158454954624176e0 * t22 + (-0.1176924780011177e0) * t23))) AS t30,
    ((0.054029226303100586e0 + (0.011771146208047867e0 * t9 + 0.011964680626988411e0 * t14)) + ((-0.21153835952281952e0) * t18 + ((-0.008392437361180782e0) * t22 + (-0.12886346876621246e0) * t23))) AS t36
  FROM thalweg_5
)
, thalweg_7 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t24,
    t30,
    t36,
    t46,
    abs(t24) AS t25,
    abs(t30) AS t31,
    abs(t36) AS t37
  FROM thalweg_6
)
, thalweg_8 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t24,
    t30,
    t36,
    t46,
    ((-2.0e0) * CASE WHEN t25 < 50.0e0 THEN t25 ELSE 50.0e0 END) AS t26,
    ((-2.0e0) * CASE WHEN t31 < 50.0e0 THEN t31 ELSE 50.0e0 END) AS t32,
    ((-2.0e0) * CASE WHEN t37 < 50.0e0 THEN t37 ELSE 50.0e0 END) AS t38
  FROM thalweg_7
)
, thalweg_9 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t24,
    t30,
    t36,
    t46,
    (tanh(t26 / 2e0) * (exp(t26) + 1e0)) AS t27,
    (tanh(t32 / 2e0) * (exp(t32) + 1e0)) AS t33,
    (tanh(t38 / 2e0) * (exp(t38) + 1e0)) AS t39
  FROM thalweg_8
)
, thalweg_10 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t24,
    t30,
    t36,
    t46,
    (t27 / (t27 + 2.0e0)) AS t28,
    (t33 / (t33 + 2.0e0)) AS t34,
    (t39 / (t39 + 2.0e0)) AS t40
  FROM thalweg_9
)
, thalweg_11 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t46,
    CASE WHEN (t24 < 0.0e0) THEN t28 ELSE (-t28) END AS t29,
    CASE WHEN (t30 < 0.0e0) THEN t34 ELSE (-t34) END AS t35,
    CASE WHEN (t36 < 0.0e0) THEN t40 ELSE (-t40) END AS t41
  FROM thalweg_10
)
, thalweg_12 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t46,
    (((-0.021992694586515427e0) + 0.06116381660103798e0 * t29) + ((-0.023542562499642372e0) * t35 + 0.039533745497465134e0 * t41)) AS t42
  FROM thalweg_11
)
, thalweg_13 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t46,
    (0.0e0 + (2.0800000000172156e0 * exp(t42))) AS t43
  FROM thalweg_12
)
, thalweg_14 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t46,
    CASE WHEN t43 > 0.0e0 THEN t43 ELSE 0.0e0 END AS t44
  FROM thalweg_13
)
, thalweg_15 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t46,
    CASE WHEN t44 < 9.51612903552543e0 THEN t44 ELSE 9.51612903552543e0 END AS t45
  FROM thalweg_14
)
, thalweg_16 AS MATERIALIZED (
  SELECT thalweg_row,
    t46,
    (t45 * v2) AS t47
  FROM thalweg_15
)
, thalweg_17 AS MATERIALIZED (
  SELECT thalweg_row,
    CASE WHEN (t46 > 0.0e0) THEN NULL ELSE t47 END AS t48
  FROM thalweg_16
)
SELECT rows_of.*, answers.t48 AS "prediction"
FROM thalweg_source AS rows_of JOIN thalweg_17 AS answers
  ON rows_of.thalweg_row = answers.thalweg_row ORDER BY rows_of.thalweg_row
