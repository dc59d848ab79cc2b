# ocopmap_embed_sql(<target> <folder> <namespace>): every <folder>/*.sql becomes a constant of the header
# <folder>/statements.hpp (generated): <namespace>::sql::<file name>, a gis_core::db::Statement whose name is the
# name of the prepared statement too. psql, EXPLAIN and C++ run the same text.
set(OCOPMAP_EMBED_SQL_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_sql_script.cmake)
function(ocopmap_embed_sql target folder namespace)
  file(GLOB sql_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.sql)
  file(RELATIVE_PATH here ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(header ${PROJECT_BINARY_DIR}/generated/${here}/${folder}/statements.hpp)
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -D OUTPUT=${header} -D NAMESPACE=${namespace} "-DFILES=${sql_files}" -P ${OCOPMAP_EMBED_SQL_SCRIPT}
    DEPENDS ${sql_files} ${OCOPMAP_EMBED_SQL_SCRIPT} VERBATIM)
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} PUBLIC ${PROJECT_BINARY_DIR}/generated)
endfunction()
