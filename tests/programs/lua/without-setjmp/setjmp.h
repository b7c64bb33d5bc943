// Empty: this Lua is built without setjmp (LUAI_THROW and LUAI_TRY in CMakeLists.txt).
