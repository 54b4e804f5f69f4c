-- Exported by thalweg 0.1.0 from the model with the seal none.
-- SHA-256 of its training rows: bef0a3fc163b001577543aca5971fa6d9a96daafb8721ffad8245348d731b244.
-- This text was generated from a model of yours, and it is yours: the authors of thalweg claim no right in it. Use, change and pass it on as you like; there is no warranty.
--
-- It takes:
--   "size": number
--   "town": text, one of 3 levels: "Bern", "Oslo", "Z\u00fcrich"
--   "seen": days since 1970-01-01
--   "kept": 1, 0 or NaN
--
-- It gives:
--   the probabilities of "no", "yes", in this order, and a label: "yes" if its probability is above 0.25
--
-- A number is a double; NaN is missing. Above 1e+300 in size, or infinite, it is no number of a table: the answers are NaN, and there is no label.
-- Numbers are not read from text: units, decimal commas and bounds are for the caller.
-- A boolean is 1 or 0; NaN is missing; with another number the answers are NaN.
-- A text is compared sign by sign. Spaces around it must be stripped, and a whole number that names a level is written "3", not "3.0". Python, JavaScript and C strip it themselves; ONNX and SQL do not.
-- A text is missing if it is an empty text, "?", "n/a", "na", "nan", "null", in capitals or not.
-- A level that the model does not know counts as some other, rare level.
-- A date is the number of days since 1970-01-01 00:00, with the fraction of the day, on the clock of the column.
-- Its answers are those of the model to 2e-06, because the weights are float32 numbers and sums have another order.
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
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 9.8e0 END AS t7,
    CASE WHEN (v2 IS NOT NULL) THEN v2 ELSE 20106.5e0 END AS t12,
    CASE WHEN (v3 IS NOT NULL) THEN v3 ELSE 0.0e0 END AS t17,
    CASE WHEN (v1 IS NOT NULL) THEN v1 ELSE 4.0e0 END AS t38,
    CASE WHEN v2 > (-719162.0e0) THEN v2 ELSE (-719162.0e0) END AS t42,
    CASE WHEN (v0 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t54,
    CASE WHEN (v1 IS NOT NULL) THEN 0.0e0 ELSE 1.0e0 END AS t55,
    CASE WHEN (v0 IS NOT NULL) THEN v0 ELSE 9.9e0 END AS t64,
    CASE WHEN (v2 IS NOT NULL) THEN v2 ELSE 20153.5e0 END AS t69,
    CASE WHEN (v3 IS NOT NULL) THEN v3 ELSE 1.0e0 END AS t74
  FROM thalweg_0
)
, thalweg_2 AS MATERIALIZED (
  SELECT thalweg_row,
    v2,
    v3,
    t54,
    t55,
    CASE WHEN (abs(v2) > 1e+300) THEN 1.0e0 ELSE t4 END AS t5,
    ((t7 - 9.8e0) * 0.08888888888888889e0) AS t8,
    ((t12 - 20106.5e0) * 0.000949667616334283e0) AS t13,
    ((t17 - 0.0e0) * 0.3333333333333333e0) AS t18,
    ((t7 - 4.3e0) * 0.1818181818181818e0) AS t22,
    ((t7 - 9.8e0) * 0.15873015873015872e0) AS t26,
    ((t12 - 19745.0e0) * 0.0027662517289073307e0) AS t30,
    ((t12 - 20106.5e0) * 0.001951219512195122e0) AS t34,
    CASE t38 WHEN 1.0e0 THEN 0.9486833214759827e0 ELSE 0.0e0 END AS t39,
    CASE t38 WHEN 2.0e0 THEN 0.9486833214759827e0 ELSE 0.0e0 END AS t40,
    CASE t38 WHEN 3.0e0 THEN 0.9486833214759827e0 ELSE 0.0e0 END AS t41,
    CASE WHEN t42 < 2932897.0e0 THEN t42 ELSE 2932897.0e0 END AS t43,
    ((t64 - 9.9e0) * 0.11494252873563217e0) AS t65,
    ((t69 - 20153.5e0) * 0.000670690811535882e0) AS t70,
    ((t74 - 1.0e0) * 0.3333333333333333e0) AS t75,
    ((t64 - 1.9e0) * 0.125e0) AS t79,
    ((t64 - 9.9e0) * 0.15384615384615388e0) AS t83,
    ((t69 - 19728.0e0) * 0.0023501762632197414e0) AS t87,
    ((t69 - 20153.5e0) * 0.002280501710376283e0) AS t91,
    CASE t38 WHEN 2.0e0 THEN 1.6641006469726562e0 ELSE 0.0e0 END AS t95,
    CASE t38 WHEN 3.0e0 THEN 0.0e0 WHEN 4.0e0 THEN 0.0e0 ELSE (-0.9486833214759827e0) END AS t96
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
    t95,
    t96,
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
    (floor(t43) + 3.0e0) AS t46,
    CASE WHEN t65 > (-100000000.0e0) THEN t65 ELSE (-100000000.0e0) END AS t66,
    CASE WHEN t70 > (-100000000.0e0) THEN t70 ELSE (-100000000.0e0) END AS t71,
    CASE WHEN t75 > (-100000000.0e0) THEN t75 ELSE (-100000000.0e0) END AS t76,
    CASE WHEN t79 > 0.0e0 THEN t79 ELSE 0.0e0 END AS t80,
    CASE WHEN t83 > 0.0e0 THEN t83 ELSE 0.0e0 END AS t84,
    CASE WHEN t87 > 0.0e0 THEN t87 ELSE 0.0e0 END AS t88,
    CASE WHEN t91 > 0.0e0 THEN t91 ELSE 0.0e0 END AS t92
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
    t95,
    t96,
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
    CASE WHEN (v2 IS NOT NULL) THEN CASE WHEN ((t46 - (7.0e0 * floor((t46 / 7.0e0)))) = 6.0e0) THEN 1.6641005886756874e0 ELSE 0.0e0 END ELSE 0.0e0 END AS t53,
    CASE WHEN t66 < 100000000.0e0 THEN t66 ELSE 100000000.0e0 END AS t67,
    CASE WHEN t71 < 100000000.0e0 THEN t71 ELSE 100000000.0e0 END AS t72,
    CASE WHEN t76 < 100000000.0e0 THEN t76 ELSE 100000000.0e0 END AS t77,
    CASE WHEN t80 < 1.0e0 THEN t80 ELSE 1.0e0 END AS t81,
    CASE WHEN t84 < 1.0e0 THEN t84 ELSE 1.0e0 END AS t85,
    CASE WHEN t88 < 1.0e0 THEN t88 ELSE 1.0e0 END AS t89,
    CASE WHEN t92 < 1.0e0 THEN t92 ELSE 1.0e0 END AS t93
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
    t95,
    t96,
    ((t10 / sqrt((1.0e0 + (t10 * t10)))) * 3.0e0) AS t11,
    ((t15 / sqrt((1.0e0 + (t15 * t15)))) * 3.0e0) AS t16,
    ((t20 / sqrt((1.0e0 + (t20 * t20)))) * 3.0e0) AS t21,
    ((t24 + (-1.0e0)) * 0.25e0) AS t25,
    ((t28 + 0.0e0) * 0.25e0) AS t29,
    ((t32 + (-1.0e0)) * 0.25e0) AS t33,
    ((t36 + 0.0e0) * 0.25e0) AS t37,
    ((t67 / sqrt((1.0e0 + (t67 * t67)))) * 3.0e0) AS t68,
    ((t72 / sqrt((1.0e0 + (t72 * t72)))) * 3.0e0) AS t73,
    ((t77 / sqrt((1.0e0 + (t77 * t77)))) * 3.0e0) AS t78,
    ((t81 + (-1.0e0)) * 0.25e0) AS t82,
    ((t85 + 0.0e0) * 0.25e0) AS t86,
    ((t89 + (-1.0e0)) * 0.25e0) AS t90,
    ((t93 + 0.0e0) * 0.25e0) AS t94
  FROM thalweg_4
)
, thalweg_6 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    ((((0.06181589514017105e0 + 0.039011530578136444e0 * t11) + ((-0.19826558232307434e0) * t16 + ((-0.14878347516059875e0) * t21 + 0.07522930949926376e0 * t25))) + (((-0.06499745696783066e0) * t29 + ((-0.24617117643356323e0) * t33 + 0.05670657753944397e0 * t37)) + (0.4108176529407501e0 * t39 + (0.257392942905426e0 * t40 + (-0.2229079157114029e0) * t41)))) + (((0.17876240611076355e0 * t44 + (-0.08956366777420044e0) * t45) + (0.01129234116524458e0 * t47 + (0.4990288317203522e0 * t48 + 0.056627701967954636e0 * t49))) + ((0.01648796536028385e0 * t50 + (0.3701208233833313e0 * t51 + 0.15357224643230438e0 * t52)) + (0.3084118664264679e0 * t53 + ((-0.032649047672748566e0) * t54 + 0.09234978258609772e0 * t55))))) AS t56,
    ((((0.06976702064275742e0 + 0.7855654954910278e0 * t11) + ((-0.1632796823978424e0) * t16 + ((-0.3424428403377533e0) * t21 + (-0.359502911567688e0) * t25))) + ((0.26736679673194885e0 * t29 + ((-0.0789944976568222e0) * t33 + (-0.03321951627731323e0) * t37)) + ((-0.2955324649810791e0) * t39 + (0.3012083172798157e0 * t40 + 0.04640137031674385e0 * t41)))) + (((0.36222660541534424e0 * t44 + (-0.1296946257352829e0) * t45) + ((-0.034481149166822433e0) * t47 + (0.07931694388389587e0 * t48 + (-0.158072367310524e0) * t49))) + (((-0.005341358948498964e0) * t50 + (0.17810554802417755e0 * t51 + (-0.4572220742702484e0) * t52)) + (0.20490801334381104e0 * t53 + ((-0.030774276703596115e0) * t54 + 0.006588825024664402e0 * t55))))) AS t58,
    ((((0.05305866524577141e0 + (-0.021899310871958733e0) * t11) + (0.09770075231790543e0 * t16 + (0.13144394755363464e0 * t21 + 0.05982333421707153e0 * t25))) + ((0.2406880408525467e0 * t29 + (0.04365171119570732e0 * t33 + (-0.24447773396968842e0) * t37)) + ((-0.08717562258243561e0) * t39 + (0.18445229530334473e0 * t40 + 0.8897705674171448e0 * t41)))) + (((0.045004185289144516e0 * t44 + (-0.2847539186477661e0) * t45) + (0.1388045698404312e0 * t47 + ((-0.23045454919338226e0) * t48 + (-0.7146778106689453e0) * t49))) + (((-0.2918969988822937e0) * t50 + ((-0.46966201066970825e0) * t51 + (-0.02380439266562462e0) * t52)) + ((-0.11519696563482285e0) * t53 + ((-0.07040979713201523e0) * t54 + (-0.12039519846439362e0) * t55))))) AS t60,
    (((((-0.018247097730636597e0) + (-0.01313621737062931e0) * t68) + ((-0.2985749840736389e0) * t73 + (0.25337648391723633e0 * t78 + (-0.0034247508738189936e0) * t82))) + (((-0.011112384498119354e0) * t86 + (0.11715161055326462e0 * t90 + 0.10900064557790756e0 * t94)) + (0.030599774792790413e0 * t39 + ((-0.045817069709300995e0) * t95 + 0.2527552843093872e0 * t96)))) + (((0.08744952082633972e0 * t44 + (-0.13463906943798065e0) * t45) + ((-0.21590223908424377e0) * t47 + (0.023483794182538986e0 * t48 + 0.3857521712779999e0 * t49))) + ((0.10997852683067322e0 * t50 + ((-0.2170211225748062e0) * t51 + (-0.18812192976474762e0) * t52)) + ((-0.007708109449595213e0) * t53 + ((-0.08740480989217758e0) * t54 + (-0.26382142305374146e0) * t55))))) AS t97,
    (((((-0.05868513882160187e0) + (-0.3778241276741028e0) * t68) + ((-0.07130217552185059e0) * t73 + ((-0.4265783429145813e0) * t78 + (-0.2859283983707428e0) * t82))) + ((0.13465188443660736e0 * t86 + ((-0.2915583550930023e0) * t90 + 0.3521272838115692e0 * t94)) + ((-0.2831360995769501e0) * t39 + ((-0.12011173367500305e0) * t95 + 0.12198812514543533e0 * t96)))) + ((((-0.5847401022911072e0) * t44 + (-0.04858163371682167e0) * t45) + (0.08952058851718903e0 * t47 + (0.14133524894714355e0 * t48 + 0.10288889706134796e0 * t49))) + (((-0.6665030717849731e0) * t50 + ((-0.4550945460796356e0) * t51 + 0.15293490886688232e0 * t52)) + (0.34278205037117004e0 * t53 + (0.37532564997673035e0 * t54 + 0.46512576937675476e0 * t55))))) AS t99,
    ((((0.06947021186351776e0 + (-0.15482951700687408e0) * t68) + ((-0.08292870223522186e0) * t73 + ((-0.03020213544368744e0) * t78 + 0.274120569229126e0 * t82))) + ((0.17570355534553528e0 * t86 + ((-0.1984795480966568e0) * t90 + 0.011015012860298157e0 * t94)) + (0.206501305103302e0 * t39 + (0.21789251267910004e0 * t95 + (-0.02556065283715725e0) * t96)))) + (((0.29253387451171875e0 * t44 + 0.045751478523015976e0 * t45) + ((-0.17979109287261963e0) * t47 + ((-0.014628134667873383e0) * t48 + (-0.05058743432164192e0) * t49))) + ((0.30674341320991516e0 * t50 + (0.12139514088630676e0 * t51 + 0.36800330877304077e0 * t52)) + ((-0.07003794610500336e0) * t53 + ((-0.19322510063648224e0) * t54 + 0.1515560895204544e0 * t55))))) AS t101
  FROM thalweg_5
)
, thalweg_7 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    CASE WHEN t56 > 0.0e0 THEN t56 ELSE 0.0e0 END AS t57,
    CASE WHEN t58 > 0.0e0 THEN t58 ELSE 0.0e0 END AS t59,
    CASE WHEN t60 > 0.0e0 THEN t60 ELSE 0.0e0 END AS t61,
    CASE WHEN t97 > 0.0e0 THEN t97 ELSE 0.0e0 END AS t98,
    CASE WHEN t99 > 0.0e0 THEN t99 ELSE 0.0e0 END AS t100,
    CASE WHEN t101 > 0.0e0 THEN t101 ELSE 0.0e0 END AS t102
  FROM thalweg_6
)
, thalweg_8 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    ((0.06886757165193558e0 + 0.5769320726394653e0 * t57) + (1.2923420667648315e0 * t59 + 1.4914741516113281e0 * t61)) AS t62,
    ((0.06862897425889969e0 + 0.049349796026945114e0 * t98) + ((-0.5271822810173035e0) * t100 + 1.8014074563980103e0 * t102)) AS t103
  FROM thalweg_7
)
, thalweg_9 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (t62 - 1.0986122886681098e0) AS t63,
    (t103 - 1.0986122886681098e0) AS t104
  FROM thalweg_8
)
, thalweg_10 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t63,
    t104,
    exp((-abs(t63))) AS t105,
    exp((-abs(t104))) AS t107
  FROM thalweg_9
)
, thalweg_11 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (-((CASE WHEN t63 > 0.0e0 THEN t63 ELSE 0.0e0 END - (1.0e0 * t63)) + CASE WHEN 1e0 + t105 = 1e0 THEN t105 ELSE t105 * ln(1e0 + t105) / ((1e0 + t105) - 1e0) END)) AS t106,
    (-((CASE WHEN t104 > 0.0e0 THEN t104 ELSE 0.0e0 END - (1.0e0 * t104)) + CASE WHEN 1e0 + t107 = 1e0 THEN t107 ELSE t107 * ln(1e0 + t107) / ((1e0 + t107) - 1e0) END)) AS t108,
    (-((CASE WHEN t63 > 0.0e0 THEN t63 ELSE 0.0e0 END - (0.0e0 * t63)) + CASE WHEN 1e0 + t105 = 1e0 THEN t105 ELSE t105 * ln(1e0 + t105) / ((1e0 + t105) - 1e0) END)) AS t112,
    (-((CASE WHEN t104 > 0.0e0 THEN t104 ELSE 0.0e0 END - (0.0e0 * t104)) + CASE WHEN 1e0 + t107 = 1e0 THEN t107 ELSE t107 * ln(1e0 + t107) / ((1e0 + t107) - 1e0) END)) AS t113
  FROM thalweg_10
)
, thalweg_12 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    ((0.0e0 * exp((t106 - CASE WHEN t106 > t108 THEN t106 ELSE t108 END))) + exp((-abs((t108 - t106))))) AS t109,
    CASE WHEN t106 > t108 THEN t106 ELSE t108 END AS t110,
    ((0.0e0 * exp((t112 - CASE WHEN t112 > t113 THEN t112 ELSE t113 END))) + exp((-abs((t113 - t112))))) AS t114,
    CASE WHEN t112 > t113 THEN t112 ELSE t113 END AS t115
  FROM thalweg_11
)
, thalweg_13 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (t110 + CASE WHEN 1e0 + t109 = 1e0 THEN t109 ELSE t109 * ln(1e0 + t109) / ((1e0 + t109) - 1e0) END) AS t111,
    (t115 + CASE WHEN 1e0 + t114 = 1e0 THEN t114 ELSE t114 * ln(1e0 + t114) / ((1e0 + t114) - 1e0) END) AS t116
  FROM thalweg_12
)
, thalweg_14 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (0.3751981704993573e0 + (0.13242520847593037e0 * (t111 - t116))) AS t117
  FROM thalweg_13
)
, thalweg_15 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t117,
    (-t117) AS t118,
    exp((-abs(t117))) AS t121
  FROM thalweg_14
)
, thalweg_16 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    t118,
    exp((-abs(t118))) AS t119,
    (CASE WHEN (t117 < 0.0e0) THEN t121 ELSE 1.0e0 END / (1.0e0 + t121)) AS t122
  FROM thalweg_15
)
, thalweg_17 AS MATERIALIZED (
  SELECT thalweg_row,
    t6,
    (CASE WHEN (t118 < 0.0e0) THEN t119 ELSE 1.0e0 END / (1.0e0 + t119)) AS t120,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t122 END AS t124
  FROM thalweg_16
)
, thalweg_18 AS MATERIALIZED (
  SELECT thalweg_row,
    t124,
    CASE WHEN (t6 > 0.0e0) THEN NULL ELSE t120 END AS t123
  FROM thalweg_17
)
, thalweg_19 AS MATERIALIZED (
  SELECT thalweg_row,
    t123,
    t124,
    CASE WHEN (NOT (t123 IS NOT NULL)) THEN (-1.0e0) ELSE CASE WHEN (t124 > 0.25e0) THEN 1.0e0 ELSE 0.0e0 END END AS t125
  FROM thalweg_18
)
, thalweg_20 AS MATERIALIZED (
  SELECT thalweg_row,
    t123,
    t124,
    CASE t125 WHEN 0.0e0 THEN 'no' WHEN 1.0e0 THEN 'yes' END AS t126
  FROM thalweg_19
)
SELECT rows_of.*, answers.t126 AS "prediction", answers.t123 AS "p_no", answers.t124 AS "p_yes"
FROM thalweg_source AS rows_of JOIN thalweg_20 AS answers
  ON rows_of.thalweg_row = answers.thalweg_row ORDER BY rows_of.thalweg_row
