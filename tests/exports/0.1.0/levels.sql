-- Exported by thalweg 0.1.0 from the model with the seal none.
-- SHA-256 of its training rows: 8316ce6549f7fcedf49eac01d4dd0e6e9fc95a61a89ecce187b850069fb0a59b.
-- This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
--
-- It takes:
--   "size": number
--   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
--   "seen": days since 1970-01-01
--   "kept": 1, 0 or NaN
--
-- It gives:
--   the predicted quantiles "q0.1", "q0.5", "q0.9"
--
-- A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
-- Numbers are not read from text: units, decimal commas and bounds are for the caller.
-- A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
-- A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
-- A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
-- A level that the model does not know counts as some other, rare level.
-- A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
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
    CASE WHEN "town" IS NULL OR lower(CAST("town" AS VARCHAR)) IN ('', '?', 'n/a', 'na', 'nan', 'null') THEN NULL ELSE CASE CAST("town" AS VARCHAR) WHEN 'Bern' THEN 1.0e0 WHEN 'Oslo' THEN 2.0e0 WHEN 'Zürich' THEN 3.0e0 ELSE 0e0 END END AS v1,
    CAST("seen" AS DOUBLE PRECISION) AS v2,
    CAST("kept" AS DOUBLE PRECISION) AS v3
  FROM thalweg_source
)
, thalweg_1 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    v3,
    CASE WHEN (abs(v0) > 1e+300) THEN 1.0e0 ELSE 0.0e0 END AS t4,
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 9.9e0 END AS t7,
    CASE WHEN (v2 IS NOT NULL) THEN v2 ELSE 20122.0e0 END AS t12,
    CASE WHEN (v3 IS NOT NULL) THEN v3 ELSE 0.5e0 END AS t17,
    CASE WHEN (v1 IS NOT NULL) THEN v1 ELSE 4.0e0 END AS t38,
    CASE WHEN v2 > (-719162.0e0) THEN v2 ELSE (-719162.0e0) END AS t42,
    CASE WHEN (v0 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t54,
    CASE WHEN (v1 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t55
  FROM thalweg_0
)
, thalweg_2 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    v3,
    t54,
    t55,
    CASE WHEN (abs(v2) > 1e+300) THEN 1.0e0 ELSE t4 END AS t5,
    ((t7 - 9.9e0) * 0.101010101010101e0) AS t8,
    ((t12 - 20122.0e0) * 0.0008230452674897119e0) AS t13,
    ((t17 - 0.5e0) * 0.3333333333333333e0) AS t18,
    ((t7 - 1.9e0) * 0.125e0) AS t22,
    ((t7 - 9.9e0) * 0.15384615384615388e0) AS t26,
    ((t12 - 19728.0e0) * 0.0025380710659898475e0) AS t30,
    ((t12 - 20122.0e0) * 0.002012072434607646e0) AS t34,
    CASE t38 WHEN 1.0e0 THEN 0.9486833214759827e0 ELSE 0.0e0 END AS t39,
    CASE t38 WHEN 2.0e0 THEN 1.6641006469726562e0 ELSE 0.0e0 END AS t40,
    CASE t38 WHEN 3.0e0 THEN 0.0e0 WHEN 4.0e0 THEN 0.0e0 ELSE (-0.9486833214759827e0) END AS t41,
    CASE WHEN t42 < 2932897.0e0 THEN t42 ELSE 2932897.0e0 END AS t43
  FROM thalweg_1
)
, thalweg_3 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    t39,
    t40,
    t41,
    t54,
    t55,
    CASE WHEN (abs((v3 * (v3 - 1.0e0))) > 0.0e0) THEN 1.0e0 ELSE t5 END AS t6,
    CASE WHEN t8 > (-100000000.0e0) THEN t8 ELSE (-100000000.0e0) END AS t9,
    CASE WHEN t13 > (-100000000.0e0) THEN t13 ELSE (-100000000.0e0) END AS t14,
    CASE WHEN t18 > (-100000000.0e0) THEN t18 ELSE (-100000000.0e0) END AS t19,
    CASE WHEN t22 > 0.0e0 THEN t22 ELSE 0.0e0 END AS t23,
    CASE WHEN t26 > 0.0e0 THEN t26 ELSE 0.0e0 END AS t27,
    CASE WHEN t30 > 0.0e0 THEN t30 ELSE 0.0e0 END AS t31,
    CASE WHEN t34 > 0.0e0 THEN t34 ELSE 0.0e0 END AS t35,
    CASE WHEN (v2 IS NOT NULL) THEN sin((0.017202777078734226e0 * (t43 - 10957.0e0))) ELSE 0.0e0 END AS t44,
    CASE WHEN (v2 IS NOT NULL) THEN cos((0.017202777078734226e0 * (t43 - 10957.0e0))) ELSE 0.0e0 END AS t45,
    (floor(t43) + 3.0e0) AS t46
  FROM thalweg_2
)
, thalweg_4 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t39,
    t40,
    t41,
    t44,
    t45,
    t54,
    t55,
    CASE WHEN t9 < 100000000.0e0 THEN t9 ELSE 100000000.0e0 END AS t10,
    CASE WHEN t14 < 100000000.0e0 THEN t14 ELSE 100000000.0e0 END AS t15,
    CASE WHEN t19 < 100000000.0e0 THEN t19 ELSE 100000000.0e0 END AS t20,
    CASE WHEN t23 < 1.0e0 THEN t23 ELSE 1.0e0 END AS t24,
    CASE WHEN t27 < 1.0e0 THEN t27 ELSE 1.0e0 END AS t28,
    CASE WHEN t31 < 1.0e0 THEN t31 ELSE 1.0e0 END AS t32,
    CASE WHEN t35 < 1.0e0 THEN t35 ELSE 1.0e0 END AS t36,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 0.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t47,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 1.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t48,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 2.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t49,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 3.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t50,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 4.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t51,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 5.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t52,
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 6.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t53
  FROM thalweg_3
)
, thalweg_5 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t39,
    t40,
    t41,
    t44,
    t45,
    t47,
    t48,
    t49,
    t50,
    t51,
    t52,
    t53,
    t54,
    t55,
    ((t10 / sqrt((1.0e0 + (t10 * t10)))) * 3.0e0) AS t11,
    ((t15 / sqrt((1.0e0 + (t15 * t15)))) * 3.0e0) AS t16,
    ((t20 / sqrt((1.0e0 + (t20 * t20)))) * 3.0e0) AS t21,
    ((t24 + (-1.0e0)) * 0.25e0) AS t25,
    ((t28 + 0.0e0) * 0.25e0) AS t29,
    ((t32 + (-0.9999999999999999e0)) * 0.25e0) AS t33,
    ((t36 + 0.0e0) * 0.25e0) AS t37
  FROM thalweg_4
)
, thalweg_6 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (((((-0.09987005591392517e0) + (-0.28107357025146484e0) * t11) + ((-0.0012922401074320078e0) * t16 + (0.025072209537029266e0 * t21 + (-0.18767638504505157e0) * t25))) + ((0.0730341300368309e0 * t29 + (0.1509561985731125e0 * t33 + (-0.5110344886779785e0) * t37)) + ((-0.4691217541694641e0) * t39 + (0.07807730883359909e0 * t40 + (-0.07508537918329239e0) * t41)))) + ((((-0.025460349395871162e0) * t44 + 0.053959134966135025e0 * t45) + ((-0.18844740092754364e0) * t47 + ((-0.052941545844078064e0) * t48 + (-0.426261842250824e0) * t49))) + (((-0.006614163983613253e0) * t50 + ((-0.06618732213973999e0) * t51 + (-0.0313071608543396e0) * t52)) + (0.07048321515321732e0 * t53 + ((-0.16671131551265717e0) * t54 + (-0.12533406913280487e0) * t55))))) AS t56,
    (((((-0.1026405319571495e0) + (-0.7174845933914185e0) * t11) + (0.1435881108045578e0 * t16 + (0.07601240277290344e0 * t21 + 0.10989290475845337e0 * t25))) + (((-0.1828283667564392e0) * t29 + (0.11905037611722946e0 * t33 + (-0.5222848057746887e0) * t37)) + ((-0.18163639307022095e0) * t39 + ((-0.02256600186228752e0) * t40 + 0.13158753514289856e0 * t41)))) + ((((-0.10169457644224167e0) * t44 + 0.2421862632036209e0 * t45) + ((-0.08682400733232498e0) * t47 + ((-0.08448148518800735e0) * t48 + (-0.26030877232551575e0) * t49))) + ((0.06021203100681305e0 * t50 + ((-0.11792575567960739e0) * t51 + 0.041632477194070816e0 * t52)) + ((-0.04237256571650505e0) * t53 + ((-0.005150842480361462e0) * t54 + 0.16777707636356354e0 * t55))))) AS t58,
    ((((0.0037431439850479364e0 + (-1.1285868883132935e0) * t11) + (0.04088309034705162e0 * t16 + ((-0.056374479085206985e0) * t21 + (-0.06122094392776489e0) * t25))) + ((0.19676446914672852e0 * t29 + (0.5128711462020874e0 * t33 + 0.13505010306835175e0 * t37)) + (0.161838099360466e0 * t39 + ((-0.019490214064717293e0) * t40 + (-0.2874963879585266e0) * t41)))) + ((((-0.05859382078051567e0) * t44 + (-0.11228196322917938e0) * t45) + ((-0.10750742256641388e0) * t47 + (0.1279720515012741e0 * t48 + 0.01025729812681675e0 * t49))) + ((0.0378357470035553e0 * t50 + (0.06833527237176895e0 * t51 + (-0.0972619578242302e0) * t52)) + ((-0.012224129401147366e0) * t53 + ((-0.028072291985154152e0) * t54 + 0.13815052807331085e0 * t55))))) AS t60
  FROM thalweg_5
)
, thalweg_7 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    CASE WHEN t56 > 0.0e0 THEN t56 ELSE 0.0e0 END AS t57,
    CASE WHEN t58 > 0.0e0 THEN t58 ELSE 0.0e0 END AS t59,
    CASE WHEN t60 > 0.0e0 THEN t60 ELSE 0.0e0 END AS t61
  FROM thalweg_6
)
, thalweg_8 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (((-0.11269174516201019e0) + 0.9094941020011902e0 * t57) + (0.12433552742004395e0 * t59 + (-1.4584407806396484e0) * t61)) AS t62,
    ((0.09973496943712234e0 + (-1.3128254413604736e0) * t57) + ((-0.38037705421447754e0) * t59 + (-0.22817052900791168e0) * t61)) AS t63,
    ((0.11782506853342056e0 + (-1.2214049100875854e0) * t57) + ((-0.5162424445152283e0) * t59 + (-0.43286874890327454e0) * t61)) AS t64
  FROM thalweg_7
)
, thalweg_9 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (30.5e0 + (17.318102282486574e0 * t62)) AS t65,
    (30.5e0 + (17.318102282486574e0 * t63)) AS t68,
    (30.5e0 + (17.318102282486574e0 * t64)) AS t71
  FROM thalweg_8
)
, thalweg_10 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    CASE WHEN t65 > 1.0e0 THEN t65 ELSE 1.0e0 END AS t66,
    CASE WHEN t68 > 1.0e0 THEN t68 ELSE 1.0e0 END AS t69,
    CASE WHEN t71 > 1.0e0 THEN t71 ELSE 1.0e0 END AS t72
  FROM thalweg_9
)
, thalweg_11 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    CASE WHEN t66 < 60.0e0 THEN t66 ELSE 60.0e0 END AS t67,
    CASE WHEN t69 < 60.0e0 THEN t69 ELSE 60.0e0 END AS t70,
    CASE WHEN t72 < 60.0e0 THEN t72 ELSE 60.0e0 END AS t73
  FROM thalweg_10
)
, thalweg_12 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t73,
    CASE WHEN t67 < t70 THEN t67 ELSE t70 END AS t74,
    CASE WHEN t67 > t70 THEN t67 ELSE t70 END AS t75
  FROM thalweg_11
)
, thalweg_13 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t74,
    CASE WHEN t75 < t73 THEN t75 ELSE t73 END AS t76,
    CASE WHEN t75 > t73 THEN t75 ELSE t73 END AS t77
  FROM thalweg_12
)
, thalweg_14 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t77,
    CASE WHEN t74 < t76 THEN t74 ELSE t76 END AS t78,
    CASE WHEN t74 > t76 THEN t74 ELSE t76 END AS t79
  FROM thalweg_13
)
, thalweg_15 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t78,
    CASE WHEN t79 < t77 THEN t79 ELSE t77 END AS t80,
    CASE WHEN t79 > t77 THEN t79 ELSE t77 END AS t81
  FROM thalweg_14
)
, thalweg_16 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t81,
    CASE WHEN t78 < t80 THEN t78 ELSE t80 END AS t82,
    CASE WHEN t78 > t80 THEN t78 ELSE t80 END AS t83
  FROM thalweg_15
)
, thalweg_17 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    CASE WHEN t83 < t81 THEN t83 ELSE t81 END AS t84,
    CASE WHEN t83 > t81 THEN t83 ELSE t81 END AS t85,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t82 END AS t86
  FROM thalweg_16
)
, thalweg_18 AS MATERIALIZED (
  SELECT thalweg_row,
    t86,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t84 END AS t87,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t85 END AS t88
  FROM thalweg_17
)
SELECT rows_of.*, answers.t86 AS "q0.1", answers.t87 AS "q0.5", answers.t88 AS "q0.9"
FROM thalweg_source AS rows_of JOIN thalweg_18 AS answers
  ON rows_of.thalweg_row = answers.thalweg_row ORDER BY rows_of.thalweg_row
