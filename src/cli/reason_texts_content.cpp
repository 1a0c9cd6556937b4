// Texts of the reasons of content: what readers, rules and check find in the objects.

#include <array>

#include "cli/phrases.hpp"
#include "cli/reason_texts.hpp"

namespace hangu::cli {
namespace {

constexpr auto kTexts = std::to_array<Explanation>({
    // Content.
    {"format-not-supported", both("不支持这种文件类型。", "This type of file is not supported."),
     both("支持 GeoPackage、GeoTIFF 和 CSV。", "GeoPackage, GeoTIFF and CSV are.")},
    {"format-mismatch",
     both("内容与声明的类型不符。", "The content is not of the type that was stated."),
     both("核对文件与扩展名。", "Check the file and its extension.")},
    {"format-", both("这种内容无法重建。", "Content of this kind cannot be rebuilt."),
     both("转换为受支持的结构后重新提交。",
          "Convert it to a supported structure and submit again.")},
    {"crs-",
     both("坐标参考系不受支持或无法比对。",
          "The coordinate reference system is not supported or cannot be compared."),
     both("转换到登记的坐标系,如 EPSG:4490。",
          "Transform to a registered system, such as EPSG:4490.")},
    {"crs-not-supported",
     both("坐标参考系没有 EPSG "
          "代码,也无法只用数字重建:只支持经纬度与八种投影,单位为度和米,两个轴向东"
          "、向北。",
          "The coordinate reference system has no EPSG code and cannot be rebuilt from numbers "
          "alone: that is done for geographic systems and eight projections, in degrees and "
          "metres, with two axes that go east and north."),
     both(
         "转换到登记的二维坐标系,如 EPSG:4490(gdalwarp 或 ogr2ogr -t_srs);三维或带高程的,用 -a_srs "
         "指定其二维部分。",
         "Transform to a registered system of two axes, such as EPSG:4490 (gdalwarp or ogr2ogr "
         "-t_srs); of one with heights, assign the part without them (-a_srs).")},
    {"geometry-",
     both("几何数据有误或类型不受支持。", "A geometry is malformed or of an unsupported type."),
     both("修复几何后重新提交。", "Repair the geometry and submit again.")},
    {"raster-",
     both("影像或栅格的形式不受支持或已损坏。", "The raster is of an unsupported kind or damaged."),
     both("转换为普通的 GeoTIFF。", "Convert it to a plain GeoTIFF.")},
    {"gpkg-",
     both("GeoPackage 的结构有误或不受支持。",
          "The GeoPackage is malformed or uses what is not supported."),
     both("用 ogr2ogr 重写为普通 GeoPackage。", "Rewrite it as a plain GeoPackage with ogr2ogr.")},
    {"csv-", both("CSV 不合格式。", "The CSV breaks its format."),
     both("UTF-8,有表头,每行列数相同,引号成对。",
          "UTF-8, a header, the same number of columns in each row, quotes in pairs.")},
    {"csv-limit", both("CSV 有一行超过 32 MiB。", "A row of the CSV is over 32 MiB."),
     both("核对引号是否成对;行确实这样长,就分成几列、几个文件,或改用 GeoPackage。",
          "Check that quotes are in pairs; if the row is so long, divide it into several columns "
          "or files, or use a GeoPackage.")},
    {"tiff-", both("TIFF 的结构有误。", "The TIFF is malformed."),
     both("用 gdal_translate 重写。", "Rewrite it with gdal_translate.")},
    {"sqlite-", both("数据库文件的结构有误。", "The database file is malformed."),
     both("检查源文件是否完整。", "Check whether the source file is whole.")},
    {"rtree-", both("空间索引与数据不符。", "The spatial index does not agree with the data."),
     both("重建索引后重新提交。", "Rebuild the index and submit again.")},
    {"rendition-",
     both("重建的结果与原内容不一致。", "What was rebuilt does not agree with the content."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"workers-gone", both("处理进程全部结束了。", "All workers ended."),
     both("网关会自动重试。", "The gateway tries again by itself.")},
    {"worker-",
     both("处理进程异常结束或结果不一致。", "A worker ended abnormally, or two disagree."),
     both("已隔离;请两名管理员处理。", "It is in quarantine; two administrators decide.")},
    {"plain-",
     both("网关内部保存内容的形式不完好。", "The gateway's own form of the content is not sound."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"plain-name",
     both("图层或字段的名字不能用:空、重复、首尾有空格、含控制字符、超过 128 字节,或以 "
          "sqlite_、gpkg_、rtree_ 开头。",
          "The name of a layer or column cannot be used: empty, given twice (A and a are the "
          "same), with a space at an end, with control characters, over 128 bytes, or beginning "
          "with sqlite_, gpkg_, rtree_."),
     both("改名后重新提交;CSV 看表头那一行。",
          "Rename it and submit again; in a CSV look at the header.")},
    {"plain-value",
     both("有一个值与字段的类型或宽度不合,或文本里有 NUL 字符。",
          "A value does not fit its column's type or width, or a text has a NUL character in it."),
     both("改正这个值,或改宽字段(图层、字段和记录见下)。",
          "Correct the value, or widen the column (layer, column and record are named beside "
          "this).")},
    {"plain-limit",
     both("超过上限:图层 256、字段 1000、波段 512、栅格边长 1048576、一条记录 64 MiB。",
          "Over a bound: 256 layers, 1000 columns, 512 bands, 1048576 cells a side, 64 MiB a "
          "record."),
     both("减少图层、字段、波段或尺寸,或分成几个文件。",
          "Reduce layers, columns, bands or size, or divide it into several files.")},
    {"plain-schema",
     both("图层的结构有自相矛盾或不支持之处。",
          "A layer's structure contradicts itself or is not supported."),
     both("核对字段类型、坐标系和几何类型。", "Check column types, CRS and geometry type.")},
    {"plain-raster",
     both("栅格的尺寸、仿射变换、无数据值或调色板不对。",
          "The raster's size, transform, no-data value or palette is not right."),
     both("用 gdal_translate 重写为普通的 GeoTIFF。",
          "Rewrite it as a plain GeoTIFF with gdal_translate.")},
    {"date-invalid", both("有一个日期不成立。", "A date is not one."),
     both("写成 YYYY-MM-DD,且确有这一天(字段和记录见下)。",
          "Write YYYY-MM-DD, a day that exists (the value is named beside this).")},
    {"date-time-invalid", both("有一个时间不成立。", "A date and time is not one."),
     both("写成 YYYY-MM-DDTHH:MM:SS.SSSZ(UTC)。", "Write YYYY-MM-DDTHH:MM:SS.SSSZ (UTC).")},
    {"georeference-not-supported",
     both("影像用控制点或传感器模型定位,不是仿射变换。",
          "The image is placed by control points or a sensor model, not by an affine transform."),
     both("先用 gdalwarp 校正。", "Rectify it with gdalwarp first.")},
    {"field-type-not-supported",
     both("有一个字段的类型不支持。", "A column's type is not supported."),
     both("改为整数、实数、文本、日期、时间、布尔或二进制。",
          "Make it integer, real, text, date, date-time, boolean or binary.")},
    {"sqlite-damaged",
     both("GeoPackage 已损坏:SQLite 读不出其中的表或记录。",
          "The GeoPackage is damaged: SQLite cannot read its tables or records."),
     both("用 QGIS 或 ogrinfo 打开看看;打得开就用 ogr2ogr 重写,打不开就重新复制或下载。",
          "Open it in QGIS or with ogrinfo; if it opens, rewrite it with ogr2ogr; if not, copy or "
          "download it again.")},
    {"sqlite-failed",
     both("读取数据库时系统出错。", "The system failed while it read the database."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"sqlite-wal",
     both("数据库处于预写日志(WAL)模式:有的行可能还在旁边的 -wal 文件里。QGIS 打开着的 GeoPackage "
          "就是这样。",
          "The database is in write-ahead (WAL) mode: rows may still be in the -wal file beside "
          "it. A GeoPackage that QGIS has open is so."),
     both("关闭打开它的程序(QGIS);若仍如此,运行 sqlite3 文件 \"PRAGMA "
          "journal_mode=DELETE\",再重新封装。",
          "Close the program that has it open (QGIS); if it stays so, run sqlite3 FILE \"PRAGMA "
          "journal_mode=DELETE\"; then pack it again.")},
    {"sqlite-truncated",
     both("数据库文件比它自己说的短。", "The database file is shorter than it says itself."),
     both("重新复制或下载源文件。", "Copy or download the source file again.")},
    {"sqlite-limit", both("读取数据库超过了资源上限。", "Reading the database went over a bound."),
     both("用 ogr2ogr 重写为普通 GeoPackage。", "Rewrite it as a plain GeoPackage with ogr2ogr.")},
    {"bytes-",
     both("文件里有不属于任何结构的字节。",
          "The file has bytes that belong to none of its structures."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"output-",
     both("重建的结果超过上限,或写不出来。",
          "What was rebuilt is over a bound, or could not be written."),
     both("减小数据后重新提交;若数据不大,请报告。", "Submit less; if it is not much, report it.")},
    {"facts-", both("实测结果太长或不成形。", "What was measured is too long, or not in its form."),
     both("减少图层和字段;若不多,请报告。",
          "Reduce layers and columns; if there are few, report it.")},
    {"memory-limit",
     both("内容需要的内存超过上限。", "The content needs more memory than it may have."),
     both("分成几个文件。", "Divide it into several files.")},
    {"file-short",
     both("存储的文件比登记的短。", "A stored file is shorter than it was registered."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"evidence-missing", both("这次传输缺一份证明文件。", "The transfer lacks a document."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"gdal-failed", both("写影像失败。", "Writing the image failed."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"zlib-failed", both("解压缩失败。", "Decompression failed."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
    {"zstd-failed", both("压缩失败。", "Compression failed."),
     both("这是系统的问题,请报告。", "This is a fault of the system; report it.")},
});

}  // namespace

std::span<const Explanation> texts_of_content() { return kTexts; }

}  // namespace hangu::cli
