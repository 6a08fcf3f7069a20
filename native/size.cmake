# What is compiled for size, as calls spend no time there. Flags of a target come after the common -O3, those of a
# source after its target's. docs/tuning.md says what each gives.

foreach(part brotlienc lcms2 gif yyjson extras jpeg png codec)
  target_compile_options(${part} PRIVATE -Os)
endforeach()

# optimise(LEVEL TARGET FOLDER SUFFIX NAME...): the level of single sources of a target.
function(optimise level target folder suffix)
  list(TRANSFORM ARGN PREPEND ${folder}/)
  list(TRANSFORM ARGN APPEND ${suffix})
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS ${level})
endfunction()

optimise(-O3 jpeg ${UPSTREAM}/libjpeg-turbo .c
  jccoefct jccolor jcdctmgr jchuff jcphuff jcsample jdcoefct jdcolor jddctmgr jdhuff jdphuff jdsample jfdctint jidctint)
optimise(-O3 png ${UPSTREAM}/libpng .c pngrtran pngrutil pngwutil)
optimise(-O3 lcms2 ${UPSTREAM}/libjxl/third_party/lcms/src .c cmsintrp cmsopt cmspack cmsxform)
optimise(-O3 extras ${UPSTREAM}/libjxl/lib/extras .cc dec/apng dec/gif dec/jpg dec/pnm enc/apng enc/jpg enc/pnm)
optimise(-O3 codec src .cc
  colour_converter colour_plan compare direct flat_file frame_input frame_target jpeg_cmyk jpeg_shrink light measure metrics
  output_blocks packed parallel picture recode resample rotation row_finisher sample_input score tone_mapper)

# Headers, boxes, profiles, and the outermost functions of coder and decoder.
optimise(-Os jxl_dec-obj ${UPSTREAM}/libjxl/lib/jxl .cc
  box_content_decoder color_encoding_internal decode decode_to_jpeg fields frame_header headers icc_codec
  icc_codec_common image_bundle image_metadata jpeg/jpeg_data render_pipeline/simple_render_pipeline toc)
optimise(-Os jxl_enc-obj ${UPSTREAM}/libjxl/lib/jxl .cc
  enc_fields enc_icc_codec enc_toc encode jpeg/enc_jpeg_data)

# The index of Brotli's dictionary is made when it is needed.
set(brotli ${UPSTREAM}/libjxl/third_party/brotli/c)
target_compile_options(brotlienc PRIVATE "SHELL:-include ${CMAKE_CURRENT_SOURCE_DIR}/src/brotli_index.h")
target_sources(codec PRIVATE src/brotli_index.cc)
target_include_directories(codec SYSTEM PRIVATE ${brotli})
target_link_options(codec PRIVATE -Wl,--wrap=BrotliFindAllStaticDictionaryMatches)

# Checksum tables likewise; no extensions of JSON.
target_compile_definitions(z PRIVATE DYNAMIC_CRC_TABLE)
target_compile_definitions(yyjson PRIVATE YYJSON_DISABLE_NON_STANDARD=1)
