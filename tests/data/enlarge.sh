#!/usr/bin/env bash
# Makes a big benchmark input out of the real files in tests/data/cache (run fetch.sh first).
#
# usage: tests/data/enlarge.sh KIND MB OUT
#   vector MB OUT.gpkg  the world map, again and again, each copy moved 0.0005 degrees further east
#   parcels MB OUT.gpkg the counties' outlines as small as parcels, in rows: many small features
#   raster MB OUT.tif   the Landsat scene laid out as a mosaic of itself; tiled, not compressed
#   csv    MB OUT.csv   the table of divisions, again and again, under one header
#
# MB = 10^6 bytes; OUT has at least that many, and at most one copy of the source more (a mosaic:
# one row of scenes more). The same arguments give the same content.
set -euo pipefail

cache=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/cache
export OGR_CURRENT_DATE=2020-01-01T00:00:00Z  # a GeoPackage notes when it was made

main() {
  [[ $# -eq 3 && $1 =~ ^(vector|parcels|raster|csv)$ && $2 =~ ^[1-9][0-9]*$ ]] || usage
  [[ -f $cache/world_map.gpkg ]] || { echo "enlarge: run tests/data/fetch.sh first" >&2; exit 1; }
  local part
  part=$(mktemp -d "$3.XXXXXX")  # beside OUT, so that the last step is a rename
  # shellcheck disable=SC2064  # expanded now: `part` is local
  trap "rm -rf '$part'" EXIT
  "$1" $(($2 * 1000000)) "$part/${3##*/}"
  mv "$part/${3##*/}" "$3"
}

vector() {
  local bytes=$1 out=$2 layer columns copies
  local size=12500000  # what one copy of the three layers takes, index included
  copies=$(((bytes + size - 1) / size))
  # layer_styles, the fourth layer, says how to draw the map; once would do, and none is simpler.
  for layer in states_provinces countries disputed_borders; do
    columns=$(ogrinfo -ro -so "$cache/world_map.gpkg" "$layer" |
      sed -n 's/^\([A-Za-z0-9_]*\): [A-Z][A-Za-z0-9]* (.*/m."\1"/p' | paste -sd,)
    ogr2ogr -q -f GPKG -update -append -nln "$layer" -nlt PROMOTE_TO_MULTI -gt 65536 \
      -lco GEOMETRY_NAME=geom -dialect SQLITE -sql "
        WITH RECURSIVE copy(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM copy WHERE n + 1 < $copies)
        SELECT ST_Translate(m.geom, copy.n * 0.0005, 0, 0) AS geom, $columns
        FROM copy CROSS JOIN $layer AS m" "$out" "$cache/world_map.gpkg"
  done
}

parcels() {
  local bytes=$1 out=$2 copies
  local size=36000  # what the hundred of one copy take, index included
  copies=$(((bytes + size - 1) / size))
  ogr2ogr -q -f GPKG -nln parcels -nlt MULTIPOLYGON -gt 65536 -lco GEOMETRY_NAME=geom \
    -dialect SQLITE -sql "
      WITH RECURSIVE copy(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM copy WHERE n + 1 < $copies)
      SELECT ShiftCoords(m.outline, (copy.n % 1000) * 0.1, (copy.n / 1000) * 0.04) AS geom,
        m.NAME AS name, m.FIPS AS code, m.AREA AS area, m.BIR74 AS births
      FROM copy CROSS JOIN (
        SELECT ScaleCoords(ST_SimplifyPreserveTopology(geom, 0.02), 0.01, 0.01) AS outline, *
        FROM \"nc.gpkg\") AS m" "$out" "$cache/nc.gpkg"
}

raster() {
  local bytes=$1 out=$2 width=349 height=352 bands=6 across=1 down band row column
  while ((across * across * width * height * bands < bytes)); do across=$((across + 1)); done
  down=$(((bytes + across * width * height * bands - 1) / (across * width * height * bands)))
  {
    echo "<VRTDataset rasterXSize='$((across * width))' rasterYSize='$((down * height))'>"
    echo "<SRS>EPSG:31985</SRS>"
    echo "<GeoTransform>288776.25, 28.5, 0, 9120760.75, 0, -28.5</GeoTransform>"
    for ((band = 1; band <= bands; band++)); do
      echo "<VRTRasterBand dataType='Byte' band='$band'>"
      for ((row = 0; row < down; row++)); do
        for ((column = 0; column < across; column++)); do
          echo "<SimpleSource><SourceFilename>$cache/L7_ETMs.tif</SourceFilename>" \
            "<SourceBand>$band</SourceBand>" \
            "<SourceProperties RasterXSize='$width' RasterYSize='$height' DataType='Byte'/>" \
            "<SrcRect xOff='0' yOff='0' xSize='$width' ySize='$height'/><DstRect" \
            "xOff='$((column * width))' yOff='$((row * height))'" \
            "xSize='$width' ySize='$height'/></SimpleSource>"
        done
      done
      echo "</VRTRasterBand>"
    done
    echo "</VRTDataset>"
  } >"$out.vrt"
  gdal_translate -q -of GTiff -co TILED=YES -co BIGTIFF=IF_SAFER "$out.vrt" "$out"
}

csv() {
  local bytes=$1 out=$2 body size copies
  body=$out.body
  tail -n +2 "$cache/areas.csv" >"$body"
  size=$(stat -c %s "$body")
  copies=$(((bytes + size - 1) / size))
  head -n 1 "$cache/areas.csv" >"$out"
  for ((; copies > 0; copies--)); do cat "$body"; done >>"$out"
}

usage() {
  sed -n '/^# usage/,/^#   csv/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

main "$@"
