-- Exported by thalweg 0.1.0 from the model with the seal none.
-- SHA-256 of its training rows: ae4c3e17a9d5c60e637a978a033b9dbf7d48a89bbcd41f8eb8cdd18efc950ad4.
-- This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
--
-- It takes:
--   "size": number
--   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
--   "seen": days since 1970-01-01
--   "kept": 1, 0 or NaN
--
-- It gives:
--   the probabilities of "0", "1", "2", in this order, and a label: the class with the largest product of probability and cost
--
-- A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
-- Numbers are not read from text: units, decimal commas and bounds are for the caller.
-- A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
-- A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
-- A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
-- A level that the model does not know counts as some other, rare level.
-- A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
-- Its answers are those of the model to 1e-12, because the weights are float64 numbers and sums have another order.
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
    CASE t38 WHEN 1.0e0 THEN 0.9486832980505137e0 ELSE 0.0e0 END AS t39,
    CASE t38 WHEN 2.0e0 THEN 1.6641005886756872e0 ELSE 0.0e0 END AS t40,
    CASE t38 WHEN 3.0e0 THEN 0.0e0 WHEN 4.0e0 THEN 0.0e0 ELSE (-0.9486832980505137e0) END AS t41,
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
    ((((0.0289184216800397e0 + (-0.5941029336853347e0) * t11) + (0.016842229138197152e0 * t16 + (0.07646045720739615e0 * t21 + (-0.976907606390754e0) * t25))) + ((0.061750585599027775e0 * t29 + (0.1197359916178469e0 * t33 + (-0.100607671841369e0) * t37)) + ((-0.19235750479026945e0) * t39 + (0.19206276489090784e0 * t40 + (-0.11238424236846707e0) * t41)))) + ((((-0.03662312052475009e0) * t44 + 0.018920019863753617e0 * t45) + ((-0.1597164217733494e0) * t47 + (0.12203871958168422e0 * t48 + (-0.11874497137416279e0) * t49))) + (((-0.025599691933986094e0) * t50 + ((-0.010682167910741319e0) * t51 + (-0.09804633670111446e0) * t52)) + (0.31045015313077234e0 * t53 + ((-0.9044181662460024e0) * t54 + (-0.08436190994843606e0) * t55))))) AS t56,
    ((((0.11457936791925671e0 + (-1.0677851553956794e0) * t11) + (0.17133723920146704e0 * t16 + (0.1114379756110965e0 * t21 + 0.10937868436985672e0 * t25))) + (((-0.16062747428979599e0) * t29 + (0.012406099720109247e0 * t33 + (-0.07434222505136366e0) * t37)) + ((-0.018559686723227723e0) * t39 + (0.04561691955036629e0 * t40 + 0.050572704994576057e0 * t41)))) + ((((-0.22747676333657507e0) * t44 + 0.16878834341123064e0 * t45) + ((-0.07563877284353404e0) * t47 + (0.053617865508305274e0 * t48 + (-0.11976865268876036e0) * t49))) + ((0.14158403791652321e0 * t50 + ((-0.08139323678194163e0) * t51 + 0.16366283925259634e0 * t52)) + (0.02945391918118283e0 * t53 + ((-0.028845517948236025e0) * t54 + 0.19654882670870663e0 * t55))))) AS t63,
    (((((-0.03841544257107553e0) + (-0.738342229590408e0) * t11) + (0.049718118778234115e0 * t16 + ((-0.06477545525525792e0) * t21 + 0.1076262716001619e0 * t25))) + ((0.16957935768031707e0 * t29 + (0.3790246165674785e0 * t33 + 0.0789071617672531e0 * t37)) + (0.11458558249506313e0 * t39 + ((-0.10333418019405442e0) * t40 + (-0.27532706794074124e0) * t41)))) + (((0.09040944061194749e0 * t44 + (-0.10659799354993733e0) * t45) + ((-0.09655230683346157e0) * t47 + ((-0.09583951138224538e0) * t48 + (-0.07640616977263144e0) * t49))) + ((0.28158109939208026e0 * t50 + (0.10531390106208427e0 * t51 + (-0.29987959025856026e0) * t52)) + ((-0.11688447714557296e0) * t53 + (0.26262176368396994e0 * t54 + 0.1988257878698331e0 * t55))))) AS t70
  FROM thalweg_5
)
, thalweg_7 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t56,
    t63,
    t70,
    abs(t56) AS t57,
    (t56 < 0.0e0) AS t60,
    abs(t63) AS t64,
    (t63 < 0.0e0) AS t67,
    abs(t70) AS t71,
    (t70 < 0.0e0) AS t74
  FROM thalweg_6
)
, thalweg_8 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t56,
    t60,
    t63,
    t67,
    t70,
    t74,
    (-CASE WHEN t57 < 800.0e0 THEN t57 ELSE 800.0e0 END) AS t58,
    (-CASE WHEN t64 < 800.0e0 THEN t64 ELSE 800.0e0 END) AS t65,
    (-CASE WHEN t71 < 800.0e0 THEN t71 ELSE 800.0e0 END) AS t72
  FROM thalweg_7
)
, thalweg_9 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t56,
    t58,
    t60,
    t63,
    t65,
    t67,
    t70,
    t72,
    t74,
    exp(t58) AS t59,
    exp(t65) AS t66,
    exp(t72) AS t73
  FROM thalweg_8
)
, thalweg_10 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t56,
    t58,
    t59,
    t60,
    t63,
    t65,
    t66,
    t67,
    t70,
    t72,
    t73,
    t74,
    (1.0e0 + t59) AS t61,
    (1.0e0 + t66) AS t68,
    (1.0e0 + t73) AS t75
  FROM thalweg_9
)
, thalweg_11 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (CASE WHEN t60 THEN ((t58 * t59) * (t59 + 2.0e0)) ELSE (t56 * (1.0e0 + (2.0e0 * t59))) END / ((t61 * t61) + CASE WHEN t60 THEN 1.0e0 ELSE (t59 * t59) END)) AS t62,
    (CASE WHEN t67 THEN ((t65 * t66) * (t66 + 2.0e0)) ELSE (t63 * (1.0e0 + (2.0e0 * t66))) END / ((t68 * t68) + CASE WHEN t67 THEN 1.0e0 ELSE (t66 * t66) END)) AS t69,
    (CASE WHEN t74 THEN ((t72 * t73) * (t73 + 2.0e0)) ELSE (t70 * (1.0e0 + (2.0e0 * t73))) END / ((t75 * t75) + CASE WHEN t74 THEN 1.0e0 ELSE (t73 * t73) END)) AS t76
  FROM thalweg_10
)
, thalweg_12 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (((-0.045818418651889986e0) + 1.06569200945442e0 * t62) + (0.3487824155204039e0 * t69 + (-1.2465498591760489e0) * t76)) AS t77,
    (((-0.00702913516661812e0) + (-1.5122877936855261e0) * t62) + ((-0.3865035231937824e0) * t69 + (-0.3089792162237015e0) * t76)) AS t78,
    ((0.05223408702557181e0 + (-1.2306912436033837e0) * t62) + ((-0.7277594687330117e0) * t69 + (-0.6552812197295477e0) * t76)) AS t79
  FROM thalweg_11
)
, thalweg_13 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t77,
    t78,
    t79,
    ((0.0e0 * exp((t77 - CASE WHEN t77 > t78 THEN t77 ELSE t78 END))) + exp((-abs((t78 - t77))))) AS t80,
    CASE WHEN t77 > t78 THEN t77 ELSE t78 END AS t81
  FROM thalweg_12
)
, thalweg_14 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t77,
    t78,
    t79,
    ((t80 * exp((t81 - CASE WHEN t81 > t79 THEN t81 ELSE t79 END))) + exp((-abs((t79 - t81))))) AS t82,
    CASE WHEN t81 > t79 THEN t81 ELSE t79 END AS t83
  FROM thalweg_13
)
, thalweg_15 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t82,
    (t77 - t83) AS t84,
    (t78 - t83) AS t86,
    (t79 - t83) AS t88
  FROM thalweg_14
)
, thalweg_16 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (exp(t84) / (1.0e0 + t82)) AS t85,
    (exp(t86) / (1.0e0 + t82)) AS t87,
    (exp(t88) / (1.0e0 + t82)) AS t89
  FROM thalweg_15
)
, thalweg_17 AS MATERIALIZED (
  SELECT thalweg_row,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t85 END AS t90,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t87 END AS t91,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t89 END AS t92
  FROM thalweg_16
)
, thalweg_18 AS MATERIALIZED (
  SELECT thalweg_row,
    t90,
    t91,
    t92,
    (t90 * 1.0e0) AS t93
  FROM thalweg_17
)
, thalweg_19 AS MATERIALIZED (
  SELECT thalweg_row,
    t90,
    t91,
    t92,
    CASE WHEN ((t91 * 1.0e0) > t93) THEN (t91 * 1.0e0) ELSE t93 END AS t94,
    CASE WHEN ((t91 * 1.0e0) > t93) THEN (1.0e0 + 0.0e0) ELSE 0.0e0 END AS t95
  FROM thalweg_18
)
, thalweg_20 AS MATERIALIZED (
  SELECT thalweg_row,
    t90,
    t91,
    t92,
    CASE WHEN ((t92 * 1.0e0) > t94) THEN (2.0e0 + 0.0e0) ELSE t95 END AS t97
  FROM thalweg_19
)
, thalweg_21 AS MATERIALIZED (
  SELECT thalweg_row,
    t90,
    t91,
    t92,
    CASE WHEN (NOT (t90 IS NOT NULL)) THEN (-1.0e0) ELSE t97 END AS t98
  FROM thalweg_20
)
, thalweg_22 AS MATERIALIZED (
  SELECT thalweg_row,
    t90,
    t91,
    t92,
    CASE t98 WHEN 0.0e0 THEN 0 WHEN 1.0e0 THEN 1 WHEN 2.0e0 THEN 2 END AS t99
  FROM thalweg_21
)
SELECT rows_of.*, answers.t99 AS "prediction", answers.t90 AS "p_0", answers.t91 AS "p_1", answers.t92 AS "p_2"
FROM thalweg_source AS rows_of JOIN thalweg_22 AS answers
  ON rows_of.thalweg_row = answers.thalweg_row ORDER BY rows_of.thalweg_row
